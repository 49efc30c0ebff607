/// The topic of an event that stands alone, in a configuration's tests: what a run would make of such a line.
package enum EventTopic {
    /// - Parameters:
    ///   - event: its bytes.
    ///   - input: where it keeps its envelope, and how long it may be.
    /// - Returns: the topic, escapes decoded; or why a run would refuse the line.
    package static func of(_ event: [UInt8], _ input: Config.Input) -> Result<String, EventProblem> {
        do throws(EventError) {
            if event.count > input.maxEventBytes { throw .tooLarge }
            var scanner = JSONScanner(input: input)
            let topic = try Self.topic(of: event, &scanner)
            return .success(topic)
        } catch {
            return .failure(problem(error, event, input))
        }
    }

    private static func topic(of event: [UInt8], _ scanner: inout JSONScanner) throws(EventError) -> String {
        let scanned = unsafe event.withUnsafeBytes { line in
            do throws(EventError) {
                let found = unsafe try scanner.scan(line)
                return Result<String, EventError>.success(
                    String(decoding: unsafe found.topic.decode(in: line), as: UTF8.self))
            } catch {
                return .failure(error)
            }
        }
        return try scanned.get()
    }

    private static func problem(_ error: EventError, _ event: [UInt8], _ input: Config.Input) -> EventProblem {
        let pointer = "`\(input.topic.text)`"
        switch error {
        case .notJSON(let at) where at >= event.count:
            return EventProblem(
                message: "the event is no JSON: it ends too early", hint: "check its brackets and quotes")
        case .notJSON(let at):
            return EventProblem(
                message: "the event is no JSON: byte \(at) can't stand there",
                hint: "bytes count from 0; or write the event as a mapping, without quotes around it")
        case .notAnObject:
            return EventProblem(message: "the event is no JSON object", hint: "write {\"topic\": …}")
        case .invalidUTF8(let at):
            return EventProblem(message: "the event is not UTF-8 at byte \(at)", hint: nil)
        case .tooDeep:
            return EventProblem(message: "the event is nested deeper than \(JSONScanner.maxDepth) levels", hint: nil)
        case .tooLarge:
            return EventProblem(
                message:
                    "the event is longer than `input.max_event_bytes`, \(Quantity.text(bytes: input.maxEventBytes))",
                hint: nil)
        case .topicMissing:
            return EventProblem(message: "the event has no topic at \(pointer)", hint: "`input.topic` says where it is")
        case .topicNotText:
            return EventProblem(message: "the event's topic at \(pointer) is no text", hint: "quote it")
        case .duplicateEnvelopeKey:
            return EventProblem(message: "the event has a key of its envelope twice", hint: "remove one of the two")
        case .notADeadLetter: preconditionFailure("events are no dead letters")
        }
    }
}
