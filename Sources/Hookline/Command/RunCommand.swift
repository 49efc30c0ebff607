import FoundationEssentials
import Glibc

extension Run {
    /// `hookline run`: reads the configuration, makes the stages, lets them run, and prints the summary.
    /// - Parameters:
    ///   - options: of `run`.
    ///   - purpose: what is read, and whether it is sent.
    ///   - console: the log.
    /// - Returns: the exit code of SPEC section 2.
    package static func perform(_ options: Options, as purpose: Purpose = .deliver, console: Console) -> ExitCode {
        var console = console
        if case .plan = purpose {} else { console.status = options.statusLines }
        return reporting(on: console) { [console] in
            let (config, warnings) = try ConfigReader.standard.read(options.config)
            if options.verbosity >= .verbose { warnings.show(on: console) }
            let selected = try select(options.only, of: config)
            let takesPart = zip(config.webhooks, selected).map { $1 && $0.active }
            var source: ReplaySource?
            switch purpose {
            case .plan(let report):
                // Nothing is sent, so no secret is needed.
                var run = try Run(options, config, replaying: nil, planning: report, selected, takesPart, console)
                return run.perform()
            case .replay(let letters): source = letters
            case .deliver: break
            }
            try checkOutputs(options, config, replaying: source)
            try checkSpool(options, config, isUsed: source?.paths.isEmpty != false)
            let resolved = try ReferenceResolver.standard.resolve(config, report: warnings) { takesPart[$0] }
            resolved.warnings.show(on: console)
            var run = try Run(options, resolved.config, replaying: source, planning: nil, selected, takesPart, console)
            try run.openSpool(.now)
            return run.perform()
        }
    }

    private init(
        _ options: Options, _ config: Config, replaying source: ReplaySource?, planning plan: PlanReport?,
        _ selected: [Bool], _ takesPart: [Bool], _ console: Console
    ) throws {
        let sends = plan == nil ? takesPart : takesPart.map { _ in false }
        // All that may fail comes first: what is made below is not given up half made.
        // A summary that can't be written should fail before the run.
        if let path = options.summary { try LineFile.check(path) }
        if let path = options.metrics { try LineFile.checkSwap(path) }
        for (webhook, isSelected) in zip(config.webhooks, selected)
        where isSelected && !webhook.active && !options.only.isEmpty {
            console.warning("--only: `\(webhook.name)` is inactive, so it gets nothing", hint: "set active: true")
        }
        let trusts = try Self.trusts(of: config, sends)
        let signers = Self.signers(of: config, sends)
        let started = Moment.now
        let runID = options.runID ?? Self.randomRunID(started.wall)
        let deadLetters = try DeadLetters(
            path: options.deadLetter ?? "hookline-dead-letter-\(runID).ndjson", topics: config.topics.map(\.name),
            opensNow: options.deadLetter != nil && source?.paths.isEmpty != false)
        let rejects = try Rejects(path: options.rejects)
        // Not before these are open: a pipe that nobody reads keeps `open` waiting, which a signal must be able to end.
        let interrupt = Interrupt()
        let memory = MemoryAccount(limit: options.memory)
        let replay = try source.map { try Replay($0, config, takesPart, memory) }
        // What is replayed from files stays in them when it fails.
        let spooling =
            source?.paths.isEmpty == false || plan != nil
            ? nil
            : try Self.spooling(
                options, config, takesPart, run: runID, uid: Self.randomRunID(started.wall), topics: deadLetters.topics)

        self.interrupt = interrupt
        self.options = options
        self.config = config
        self.console = console
        self.selected = selected
        self.started = started
        self.runID = runID
        self.trusts = trusts
        self.signers = signers
        self.deadLetters = deadLetters
        self.rejects = rejects
        self.memory = memory
        self.replay = replay
        self.plan = plan
        progress =
            plan == nil
            ? RunProgress(options, on: console, from: started.monotonic, bytesInAll: Self.bytesInAll(source)) : nil
        cutsByInputAlone = options.runID != nil || plan != nil
        orderKeys = OrderKeys(config.webhooks, takesPart: takesPart)
        reader = LineReader(
            descriptor: replay?.files?.descriptor ?? STDIN_FILENO,
            maxLineBytes: config.input.maxEventBytes + (replay == nil ? 0 : Replay.letterBytes))
        self.spooling = spooling
        // Dead letters go to the webhook that failed, whatever its filter says today.
        router = Router(topics: config.topics, webhooks: config.webhooks) { takesPart[$0] }
        scanner = JSONScanner(
            input: config.input,
            findsCloudEvents: zip(config.webhooks, takesPart).contains { $1 && $0.format.wrapsEvents },
            orderKeys: orderKeys.pointers, paths: replay == nil ? router.paths : PathTree())
        // Where /tmp is kept in memory, /var/tmp is not.
        let temporary = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
        overflow = Overflow(folders: [spooling?.spool.directory, temporary, "/var/tmp"].compactMap { $0 })
        batcher = Batcher(
            webhooks: config.webhooks, topics: config.topics.map(\.name), memory: memory,
            cutsByInputAlone: cutsByInputAlone)
        schedule = Schedule(
            config.webhooks, takesPart: sends, maxUnderWay: config.network.maxConnections)
        network = Network(
            CurlMulti(
                maxConnections: config.network.maxConnections, addressGuard: AddressGuard(allow: config.network.allow)),
            threads: options.threads)
        tokens = Tokens(config.webhooks, takesPart: sends)
        bisection = Bisection(config.webhooks)
        books = Books(topics: config.topics.count, webhooks: config.webhooks.count)
        if let deadline = options.deadline {
            stop = started.monotonic + deadline
            readUntil = started.monotonic + deadline - min(options.shutdownGrace, deadline / 10)
        }
    }

    /// Whom each webhook trusts; nil: it takes no part. The system and each file are read once, however many share them.
    private static func trusts(of config: Config, _ takesPart: [Bool]) throws(TrustError) -> [Trust?] {
        let system = Trust(system: CurlMulti.systemTrust)
        var known: [String: Trust] = [:]
        var trusts: [Trust?] = []
        for (webhook, takesPart) in zip(config.webhooks, takesPart) {
            guard takesPart else {
                trusts.append(nil)
                continue
            }
            if let file = webhook.tls.caFile?.name, known[file] == nil { known[file] = try system.adding(file) }
            trusts.append(webhook.tls.caFile.map { known[$0.name] } ?? system)
        }
        return trusts
    }

    /// What signs each webhook's requests; nil: it takes no part, or has no `signing`.
    private static func signers(of config: Config, _ takesPart: [Bool]) -> [Signer?] {
        zip(config.webhooks, takesPart).map { webhook, takesPart in
            guard takesPart, let signing = webhook.signing else { return nil }
            guard let signer = try? Signer(signing) else {
                preconditionFailure("a key that can't sign was let pass when it was looked up")
            }
            return signer
        }
    }

    private static func checkSpool(_ options: Options, _ config: Config, isUsed: Bool) throws {
        let writesAhead = options.writeAhead || config.spool.writeAhead
        guard let directory = options.spool ?? config.spool.directory else {
            if writesAhead { throw RunError.noSpool(isOption: options.writeAhead) }
            return
        }
        if isUsed { try SpoolLayout.check(directory) }
    }

    /// Makes the spool that the command line or the configuration names; nil: none.
    private static func spooling(
        _ options: Options, _ config: Config, _ takesPart: [Bool], run: String, uid: String, topics: TopicNames
    ) throws -> Spooling? {
        guard let directory = options.spool ?? config.spool.directory else { return nil }
        let spool = try Spool(
            directory: directory, maxBytes: config.spool.maxBytes, run: run, isRepeatable: options.runID != nil,
            webhooks: config.webhooks.map(\.name), topics: topics, disk: SpoolDisk(syncs: config.spool.sync == .always),
            uid: uid)
        let standings = zip(config.webhooks, takesPart).map { webhook, takesPart -> TakeUp.Standing in
            guard takesPart else { return .resting }
            return webhook.order == .none ? .open(atOnce: webhook.concurrency) : .serial(lanes: webhook.laneCount)
        }
        let writesAhead = options.writeAhead || config.spool.writeAhead
        return Spooling(
            spool, maxAge: config.spool.maxAge, takeUp: TakeUp(standings, maxAge: config.spool.maxAge),
            ahead: WriteAhead(isOn: writesAhead, memory: options.memory),
            repeatableRun: writesAhead ? options.runID : nil)
    }

    /// Whether `--only` names each webhook; without it all are.
    private static func select(_ only: [String], of config: Config) throws(RunError) -> [Bool] {
        let names = config.webhooks.map(\.name)
        for name in only where !names.contains(name) {
            throw .unknownWebhook(name, nearest: nearestName(to: name, among: names))
        }
        return names.map { only.isEmpty || only.contains($0) }
    }

    /// Two outputs in one file would spoil each other, and one in a file that is read would spoil that.
    private static func checkOutputs(
        _ options: Options, _ config: Config, replaying source: ReplaySource?
    ) throws(RunError) {
        let letters = source?.paths ?? []
        var places = OutputPlaces()
        // Dead letters of files stay in them.
        if letters.isEmpty { places.add("--dead-letter", file: options.deadLetter) }
        places.add("--rejects", file: options.rejects)
        places.add("--summary", file: options.summary)
        places.add("--metrics", file: options.metrics)
        if let directory = options.spool ?? config.spool.directory {
            places.check(spool: directory, options.spool == nil ? "spool.directory" : "--spool")
        }
        for file in config.files { places.check(input: FileIdentity(at: file), file) }
        for file in letters { places.check(input: FileIdentity(at: file), file) }
        if letters.isEmpty { places.check(input: FileIdentity(of: STDIN_FILENO), "standard input") }
        if let conflict = places.conflict { throw .outputs(conflict) }
    }

    /// Starts with the time, so that the files of many runs sort: `20261124T074634Z-1c9d02f3`.
    private static func randomRunID(_ now: WallTime) -> String {
        let time = now.text.prefix(19).filter { $0 != "-" && $0 != ":" }
        let random = String(UInt32.random(in: .min ... .max), radix: 16)
        return time + "Z-" + String(repeating: "0", count: 8 - random.count) + random
    }

    /// Finishes the outputs and prints the summary, the last thing on standard output.
    mutating func report() -> ExitCode {
        console.status?.erase()
        closeSpool(.now)
        let written = flush()
        books.input.lines = (replay?.linesBefore ?? 0) + reader.number
        books.input.bytes = (replay?.bytesBefore ?? 0) + reader.bytes
        if let replay { finish(replay) } else { countFiltered() }
        var summary = Summary(
            runID: runID, started: started, finished: .now, ended: ended ?? .endOfInput, config: config,
            shown: config.webhooks.indices.filter { selected[$0] }, books: books)
        summary.signal = signal
        summary.outputFailed = outputFailed
        summary.holdsUnreadable = spooling?.spool.holdsUnreadable == true
        summary.isStrict = options.strict
        summary.isPlan = plan != nil
        if let (message, hint) = books.input.warning(rejects: options.rejects) {
            console.warning(message, hint: plan == nil ? hint : nil)
        }
        if plan == nil { tell(resumption(after: summary, deadLetters: written)) }
        let text = plan?.render(summary) ?? summary.render()
        if let path = options.summary {
            do {
                try LineFile.replace(path, with: text)
            } catch {
                console.error(error)
                summary.outputFailed = true
            }
        }
        let failure = writeAll(text, to: STDOUT_FILENO)
        if failure != 0 {
            console.error(OutputError(path: "standard output", errno: failure))
            summary.outputFailed = true
        }
        if let path = options.metrics {
            do {
                try LineFile.swap(path, for: Metrics(summary).text, mode: 0o644)
            } catch {
                console.error(error)
                summary.outputFailed = true
            }
        }
        return summary.exitCode
    }

    /// What a webhook's filter refused: what is left of its topics' events.
    private mutating func countFiltered() {
        for webhook in books.webhooks.indices {
            guard let topics = router.topics(ofFiltered: webhook) else { continue }
            let events = topics.reduce(0) { $0 + books.topics[$1] }
            books.webhooks[webhook].filtered = events - books.webhooks[webhook].matched
        }
    }

    /// Waits until dead letters and refused lines are on the disk; dead letters that are not are lost.
    /// - Returns: how many events this run put into the file of dead letters.
    private mutating func flush() -> Int {
        do {
            try rejects.flush()
        } catch {
            console.error(error)
            outputFailed = true
        }
        do {
            try deadLetters.flush()
        } catch {
            console.error(error)
            outputFailed = true
            let events = books.lose(deadLetters.unflushed)
            if events > 0 {
                console.error("\(counted(events, "event is", "events are")) lost, since the disk may not have got all")
            }
            return max(0, deadLetters.count - events)
        }
        return deadLetters.count
    }

    /// How to go on after this run.
    private func resumption(after summary: Summary, deadLetters count: Int) -> Resumption {
        var resumption = Resumption(summary)
        if let replay { resumption.source = replay.files == nil ? .letters : .letterFiles(arePruned: replay.prunes) }
        resumption.runID = options.runID
        resumption.skipsSettled = spooling?.repeatableRun != nil
        resumption.cutShort = options.runID == nil ? 0 : eventsCutShort
        let path = deadLetters.path
        resumption.deadLetters = .init(
            path: path, events: count, replayLine: path.hasPrefix("/dev/") ? nil : options.replayLine(path),
            areBehind: buriesBehind)
        if let spool = spooling?.spool {
            // Dead letters that a replay left wait elsewhere.
            let left = replay?.left.values.reduce(0, +) ?? 0
            resumption.spool = .init(
                directory: spool.directory, events: books.total(\.deferred) + books.total(\.waiting) - left,
                listLine: options.spoolListLine, runLine: options.spoolRunLine)
        }
        return resumption
    }

    private func tell(_ resumption: Resumption) {
        for note in resumption.notes {
            if note.isWarning {
                console.warning(note.message, hint: note.hint)
            } else {
                console.info(note.message, hint: note.hint)
            }
        }
    }
}

/// What is wrong with a run's options once the configuration is known.
package enum RunError: UserFacing {
    case unknownWebhook(String, nearest: String?)
    case outputs(OutputPlaces.Conflict)
    /// Batches are to be kept before their first attempt, and nothing says where.
    case noSpool(isOption: Bool)

    package var message: String {
        switch self {
        case .unknownWebhook(let name, _): "--only: no webhook is named \(quoted(name))"
        case .outputs(.same(let first, let second)): "`\(first)` and `\(second)` name the same file"
        case .outputs(.inSpool(let file, let spool)): "`\(file)` names the directory of `\(spool)`, or a file in it"
        case .outputs(.input(let input, let output)): "`\(output)` names a file that is read: \(printable(path: input))"
        case .noSpool(let isOption): "\(isOption ? "`--write-ahead`" : "spool.write_ahead") needs a spool"
        }
    }

    package var hint: String? {
        switch self {
        case .unknownWebhook(_, let nearest): nearest.map { "did you mean `\($0)`?" }
        case .outputs(.inSpool): "name a file outside of it"
        case .outputs: "give each a file of its own"
        case .noSpool: "name its directory: --spool DIR, or spool: {directory: …} in the configuration"
        }
    }

    package var exitCode: ExitCode {
        switch self {
        case .unknownWebhook, .outputs: .usage
        case .noSpool(let isOption): isOption ? .usage : .configuration
        }
    }
}

extension ConfigReader.Parsers {
    /// libcurl's: the parser that connects.
    package static var standard: Self { Self(url: WebhookURL.parse, proxy: Proxy.parse, topic: EventTopic.of) }
}

extension ReferenceResolver {
    /// With this process's environment.
    package static var standard: ReferenceResolver {
        ReferenceResolver(
            parsers: .standard, environment: ProcessInfo.processInfo.environment,
            certificates: .init(
                isCertificate: ClientCertificate.holdsCertificate, clientKey: ClientCertificate.problem)
        ) { secret, scheme in
            Signer.problem(with: secret, scheme).map { ($0.message, $0.hint) }
        }
    }
}

extension ConfigReader {
    /// With the URL parser that connects and OpenSSL's SHA-256.
    package static var standard: ConfigReader {
        ConfigReader(parsers: .standard) { bytes in
            var digest = SHA256()
            digest.update(bytes)
            return digest.finishHex()
        }
    }
}
