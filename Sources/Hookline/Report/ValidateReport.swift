/// What `hookline validate` found, for machines: one document for all paths.
package struct ValidateReport: Sendable {
    /// A path that was checked, and its configuration if that is sound.
    package struct Checked: Sendable {
        package var path: String
        /// Webhooks and topics; nil: the configuration is wrong or can't be read.
        package var counts: (webhooks: Int, topics: Int)?

        package init(path: String, counts: (webhooks: Int, topics: Int)?) {
            (self.path, self.counts) = (path, counts)
        }
    }

    package var checked: [Checked] = []
    package var findings: [ConfigFinding] = []

    package init() {}

    /// One JSON object, in one line (docs/output.md).
    package var json: [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.string("schema", "hookline.validate/1")
            json.array("configurations") { json in
                for checked in checked {
                    json.object { json in
                        json.string("path", withoutSecrets(checked.path))
                        json.boolean("ok", checked.counts != nil)
                        json.number("webhooks", checked.counts?.webhooks)
                        json.number("topics", checked.counts?.topics)
                    }
                }
            }
            json.array("problems") { json in
                for finding in findings {
                    json.object { json in
                        json.string("severity", finding.isError ? "error" : "warning")
                        json.string("rule", finding.rule.rawValue)
                        json.string("file", finding.file)
                        json.number("line", finding.line)
                        json.number("column", finding.column)
                        json.number("end_column", finding.endColumn)
                        json.string("message", finding.message)
                        json.string("hint", finding.hint)
                    }
                }
            }
            json.number("errors", findings.count { $0.isError })
            json.number("warnings", findings.count { !$0.isError })
        }
        writer.newline()
        return writer.bytes
    }

    /// One command of GitHub Actions for each problem. `folder` is where paths are seen from.
    package func workflowCommands(in folder: String) -> [UInt8] {
        Array(findings.map { $0.workflowCommand(in: folder).text }.joined().utf8)
    }

    /// A log in the Static Analysis Results Interchange Format, SARIF 2.1.0 (OASIS), with one run.
    ///
    /// - Parameters:
    ///   - folder: where paths are seen from.
    ///   - exitCode: of this process.
    /// - Returns: the log, in one line.
    package func sarif(in folder: String, exitCode: ExitCode) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { json in
            json.string(
                "$schema", "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json")
            json.string("version", "2.1.0")
            json.array("runs") { json in
                json.object { json in
                    json.object("tool") { json in Self.writeDriver(&json) }
                    json.array("invocations") { json in
                        json.object { json in
                            // Problems of the configuration are what was to be found.
                            json.boolean("executionSuccessful", exitCode != .noInput)
                            json.number("exitCode", Int(exitCode.rawValue))
                        }
                    }
                    json.string("columnKind", "unicodeCodePoints")
                    // Those of YAML 1.1, by which lines are counted.
                    json.array("newlineSequences") { json in
                        for sequence in ["\r\n", "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"] {
                            json.string(nil, sequence)
                        }
                    }
                    json.array("results") { json in
                        for finding in findings { Self.write(finding, seenFrom: folder, to: &json) }
                    }
                }
            }
        }
        writer.newline()
        return writer.bytes
    }

    private static func writeDriver(_ json: inout JSONWriter) {
        json.object("driver") { json in
            json.string("name", "hookline")
            json.string("version", Version.current)
            json.string("semanticVersion", Version.current)
            json.array("rules") { json in
                for rule in ConfigRule.allCases {
                    json.object { json in
                        json.string("id", rule.rawValue)
                        json.object("shortDescription") { $0.string("text", rule.sentence) }
                        json.object("defaultConfiguration") { $0.string("level", rule.isError ? "error" : "warning") }
                    }
                }
            }
        }
    }

    private static func write(_ finding: ConfigFinding, seenFrom folder: String, to json: inout JSONWriter) {
        json.object { json in
            json.string("ruleId", finding.rule.rawValue)
            json.number("ruleIndex", ConfigRule.allCases.firstIndex(of: finding.rule))
            json.string("level", finding.isError ? "error" : "warning")
            json.object("message") {
                // Section 3.11.5: a brace alone would begin a placeholder.
                let text = finding.messageWithHint.replacing("{", with: "{{").replacing("}", with: "}}")
                $0.string("text", text)
            }
            json.array("locations") { json in
                json.object { json in
                    json.object("physicalLocation") { json in
                        json.object("artifactLocation") {
                            $0.string("uri", RelativePath.uri(RelativePath.of(finding.file, in: folder)))
                        }
                        guard let line = finding.line else { return }
                        json.object("region") { json in
                            json.number("startLine", line)
                            if let column = finding.column { json.number("startColumn", column) }
                            if let end = finding.endColumn { json.number("endColumn", end) }
                        }
                    }
                }
            }
        }
    }
}
