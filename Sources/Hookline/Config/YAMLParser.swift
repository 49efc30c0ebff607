import CYAML

/// Reads one YAML file into nodes with marks: the only door to libyaml.
///
/// Stricter than YAML 1.1: one document, no duplicate keys, scalars as keys, core tags only, no merge keys, bounded
/// nesting and bounded expansion of aliases.
@safe struct YAMLParser: ~Copyable {
    /// Nested collections, at most.
    static let depthLimit = 64
    /// Nodes that aliases may add to a document, at most.
    static let expansionLimit = 100_000

    /// What was read: a node unless a problem made it impossible, and every problem found.
    struct Outcome {
        var root: YAMLNode?
        var problems: [ConfigProblem]
    }

    /// A problem after which nothing more can be read.
    private struct Stop: Error { var problem: ConfigProblem }

    private struct Anchored {
        var node: YAMLNode
        /// Nodes in it, those of aliases included.
        var weight: Int
    }

    // libyaml's parser holds its own address, so it may not move: it lives on the heap.
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let file: Int
    /// Places of `SurrogatePairs`.
    private let joined: [Int]
    private var problems: [ConfigProblem] = []
    private var anchors: [String: Anchored] = [:]
    private var openAnchors: Set<String> = []
    private var weight = 0
    private var expanded = 0

    /// Parses a file; `file` is the index that marks will carry.
    static func parse(_ source: SourceText, file: Int) -> Outcome {
        if let mark = source.firstInvalidUTF8(file: file) {
            return Outcome(root: nil, problems: [ConfigProblem(.invalidUTF8, at: mark)])
        }
        let outcome = parse(source, source.bytes, joined: [], file: file)
        guard outcome.problems.last?.cause == .error(YAMLSyntaxProblem.surrogate) else { return outcome }
        let pairs = SurrogatePairs(source.bytes)
        return pairs.places.isEmpty ? outcome : parse(source, pairs.bytes, joined: pairs.places, file: file)
    }

    private static func parse(_ source: SourceText, _ bytes: [UInt8], joined: [Int], file: Int) -> Outcome {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            guard var parser = unsafe YAMLParser(buffer, joined: joined, file: file) else {
                let start = SourceMark(file: file, line: 1, column: 1)
                return Outcome(root: nil, problems: [ConfigProblem(.syntax("not enough memory", hint: nil), at: start)])
            }
            return parser.document(of: source)
        }
    }

    /// The buffer must outlive the parser. Nil if libyaml gets no memory.
    private init?(_ buffer: UnsafeBufferPointer<UInt8>, joined: [Int], file: Int) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            return nil
        }
        unsafe yaml_parser_set_input_string(parser, buffer.baseAddress, buffer.count)
        unsafe self.parser = unsafe parser
        self.file = file
        self.joined = joined
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
    }

    private mutating func document(of source: SourceText) -> Outcome {
        do {
            return Outcome(root: try wholeDocument(), problems: problems)
        } catch {
            var problem = error.problem
            // libyaml's reader fails at a byte and sets no mark.
            if let offset = unreadableByte {
                problem.mark = source.mark(ofByte: offset, file: file)
            }
            return Outcome(root: nil, problems: problems + [problem])
        }
    }

    private mutating func wholeDocument() throws(Stop) -> YAMLNode? {
        var root: YAMLNode?
        var documents = 0
        while true {
            let event = try next()
            switch event.kind {
            case .documentStart:
                documents += 1
                if documents > 1 { throw stop(.secondDocument, event.start) }
                root = try node(try next(), depth: 0)
            case .streamEnd:
                if root == nil { problems.append(ConfigProblem(.empty, at: event.start)) }
                return root
            case .streamStart, .documentEnd, .scalar, .alias, .sequenceStart, .mappingStart, .collectionEnd: break
            }
        }
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(Stop) -> YAMLNode {
        if depth > Self.depthLimit { throw stop(.tooDeep(limit: Self.depthLimit), event.start) }
        if case .alias(let name) = event.kind { return try alias(name, event) }
        let before = weight
        weight += 1
        if let anchor = event.anchor { openAnchors.insert(anchor) }
        checkTag(of: event)
        var node = YAMLNode(content: .sequence([]), start: event.start, end: event.end)
        switch event.kind {
        case .scalar(let text, let isPlain):
            node.content = .scalar(YAMLNode.Scalar(text: text, isPlain: isPlain && event.tag != "str"))
        case .sequenceStart:
            let (elements, end) = try sequence(depth)
            node.content = .sequence(elements)
            node.end = end
        case .mappingStart:
            let (entries, end) = try mapping(depth)
            node.content = .mapping(entries)
            node.end = end
        case .streamStart, .streamEnd, .documentStart, .documentEnd, .alias, .collectionEnd: break
        }
        if let anchor = event.anchor {
            openAnchors.remove(anchor)
            anchors[anchor] = Anchored(node: node, weight: weight - before)
        }
        return node
    }

    private mutating func sequence(_ depth: Int) throws(Stop) -> ([YAMLNode], end: SourceMark) {
        var elements: [YAMLNode] = []
        while true {
            let event = try next()
            if case .collectionEnd = event.kind { return (elements, event.end) }
            elements.append(try node(event, depth: depth + 1))
        }
    }

    private mutating func mapping(_ depth: Int) throws(Stop) -> ([YAMLNode.Entry], end: SourceMark) {
        var entries: [YAMLNode.Entry] = []
        var seen: [String: SourceMark] = [:]
        while true {
            let event = try next()
            if case .collectionEnd = event.kind { return (entries, event.end) }
            let key = try node(event, depth: depth + 1)
            let value = try node(try next(), depth: depth + 1)
            guard case .scalar(let scalar) = key.content else {
                problems.append(ConfigProblem(.keyNotText, at: event.start))
                continue
            }
            var entry = YAMLNode.Entry(key: scalar.text, keyStart: event.start, keyEnd: event.end, value: value)
            if scalar.isPlain, scalar.text == "<<" {
                problems.append(ConfigProblem(.mergeKey, at: event.start))
                entry.isRefused = true
            } else if let first = seen[scalar.text] {
                problems.append(ConfigProblem(.duplicateKey(scalar.text, firstLine: first.line), at: event.start))
                entry.isRefused = true
            } else {
                seen[scalar.text] = event.start
            }
            entries.append(entry)
        }
    }

    private mutating func alias(_ name: String, _ event: YAMLEvent) throws(Stop) -> YAMLNode {
        if openAnchors.contains(name) { throw stop(.aliasOfItself(name), event.start) }
        guard let anchored = anchors[name] else { throw stop(.unknownAlias(name), event.start) }
        weight += anchored.weight
        expanded += anchored.weight
        if expanded > Self.expansionLimit { throw stop(.expansion(limit: Self.expansionLimit), event.start) }
        return anchored.node
    }

    private mutating func checkTag(of event: YAMLEvent) {
        guard let tag = event.tag else { return }
        let core: [String]
        switch event.kind {
        case .sequenceStart: core = ["seq"]
        case .mappingStart: core = ["map"]
        default: core = ["str", "int", "float", "bool", "null"]
        }
        if !core.contains(tag), tag != "!" { problems.append(ConfigProblem(.tag(tag), at: event.start)) }
    }

    private func stop(_ error: ConfigError, _ mark: SourceMark) -> Stop {
        Stop(problem: ConfigProblem(error, at: mark))
    }

    private var unreadableByte: Int? {
        let isReaderError = unsafe parser.pointee.error == YAML_READER_ERROR
        return isReaderError ? unsafe parser.pointee.problem_offset : nil
    }

    private mutating func next() throws(Stop) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
        defer { unsafe yaml_event_delete(&event) }
        return unsafe YAMLEvent(event, file: file, joined: joined)
    }

    private func syntaxError() -> Stop {
        let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "not enough memory"
        let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) }
        let mark = unsafe SourceMark(parser.pointee.problem_mark, file: file, joined: joined)
        let start = unsafe SourceMark(parser.pointee.context_mark, file: file, joined: joined)
        let syntax = YAMLSyntaxProblem(problem: problem, context: context, contextLine: start.line, line: mark.line)
        return stop(.syntax(syntax.message, hint: syntax.hint), mark)
    }
}

/// One of libyaml's events, copied out of its memory.
private struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case scalar(String, isPlain: Bool)
        case alias(String)
        case sequenceStart, mappingStart, collectionEnd
    }

    var kind: Kind
    var start: SourceMark
    var end: SourceMark
    var anchor: String?
    /// A tag of the core schema without its prefix, e.g. `str`; any other as it is.
    var tag: String?

    init(_ event: yaml_event_t, file: Int, joined: [Int]) {
        start = unsafe SourceMark(event.start_mark, file: file, joined: joined)
        end = unsafe SourceMark(event.end_mark, file: file, joined: joined)
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias(unsafe text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
            kind = .scalar(unsafe String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
            anchor = unsafe text(scalar.anchor)
            tag = unsafe coreTag(scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            anchor = unsafe text(event.data.sequence_start.anchor)
            tag = unsafe coreTag(event.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            anchor = unsafe text(event.data.mapping_start.anchor)
            tag = unsafe coreTag(event.data.mapping_start.tag)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: kind = .collectionEnd
        default: kind = .streamEnd
        }
    }
}

private func text(_ bytes: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    guard let bytes = unsafe bytes else { return nil }
    return unsafe String(cString: bytes)
}

private func coreTag(_ tag: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    let prefix = "tag:yaml.org,2002:"
    return unsafe text(tag).map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
}

extension SourceMark {
    /// Each escape that was joined before it on its line moved it by two.
    fileprivate init(_ mark: yaml_mark_t, file: Int, joined: [Int]) {
        let lineStart = Int(mark.index) - Int(mark.column)
        let moved = joined.isEmpty ? 0 : joined.count { lineStart <= $0 && $0 < Int(mark.index) } * 2
        self.init(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1 + moved)
    }
}
