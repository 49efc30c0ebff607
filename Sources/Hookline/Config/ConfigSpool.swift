/// The keys of `spool`.
extension ConfigTable {
    static let spool: [ConfigKey<Config>] = [
        ConfigKey(
            name: "directory",
            shape: .special(form: .path, value: "null", show: \.shownSpoolDirectory) { pass, node, config in
                pass.readSpoolDirectory(node, in: &config)
            },
            sentence: "Where batches wait that can't be delivered now. It is made if it is not there; only its owner "
                + "may look into it. A relative path starts at the folder of this configuration file. `null`: there "
                + "is no spool, unless `--spool` names one."),
        ConfigKey(
            name: "max_bytes", shape: .size(1 << 10...1 << 40, \.spool.maxBytes),
            sentence: "What all batches in it may take. When it is full no more is read, and the exit code is 74."),
        ConfigKey(
            name: "max_age", shape: .duration(.seconds(1)...(.seconds(8_760 * 3_600)), \.spool.maxAge),
            sentence: "How long a batch may wait in all; then its events become dead letters."),
        ConfigKey(
            name: "sync",
            shape: .choice(
                values: Config.Spool.Sync.allCases.map(\.rawValue),
                get: { $0.spool.sync.rawValue },
                set: { $0.spool.sync = Config.Spool.Sync(rawValue: $1) ?? $0.spool.sync }),
            sentence: "`always`: what is written is on the disk before it counts as kept. `never`: it may get lost "
                + "when the machine fails, though not when the process does; for tests and data that can be made anew."),
        ConfigKey(
            name: "write_ahead", shape: .boolean(\.spool.writeAhead),
            sentence: "`true`: each batch is in the spool before its first attempt, so that no end of the process "
                + "loses one that was cut."),
    ]
}

extension ConfigPass {
    mutating func readSpoolDirectory(_ node: YAMLNode, in config: inout Config) {
        config.spool.directory = nil
        if node.isNull { return }
        guard let text = text(node, key: "spool.directory") else { return }
        if text.isEmpty {
            let hint = "write null if there is to be no spool"
            fail(
                .wrongType(key: "spool.directory", expected: "a path", found: "an empty text", hint: hint),
                at: node.start)
        } else if !isUnexpanded(text, key: "spool.directory", at: node.start) {
            config.spool.directory = path(text, at: node.start)
        }
    }

    /// What a spool is to be like is said, and not where it is.
    mutating func warnOfMissingDirectory(_ section: YAMLNode, _ config: Config) {
        // One that is there and wrong was reported already.
        guard section["directory"]?.isNull ?? true, case .mapping(let entries) = section.content else { return }
        let known = ConfigTable.spool.map(\.name).filter { $0 != "directory" }
        let idle = entries.filter { known.contains($0.key) && ($0.key != "write_ahead" || config.spool.writeAhead) }
        guard let first = idle.first(where: { $0.key == "write_ahead" }) ?? idle.first else { return }
        warn(
            .spoolWithoutDirectory(keys: idle.map(\.key), writesAhead: config.spool.writeAhead), at: first.keyStart)
    }
}
