/// The JSON Schema (2020-12) of a line of a dead-letter file: what `DeadLetters` writes and `Letter` reads.
///
/// What `Letter` needs is required; what it passes over, other members too, may be there or not. Tests hold the three
/// together.
package enum DeadLetterSchema {
    package static var tree: JSONValue {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "urn:hookline:dead-letter:1",
            "title": "A dead letter of hookline: one line of the file",
            "type": "object",
            "required": ["webhook", "webhook_id", "batch", "content_type", "line", "topic", "event"],
            "properties": [
                "webhook": ["description": "The webhook's name.", "type": "string"],
                "webhook_id": [
                    "description": "Of the batch that the event was in.", "type": "string",
                    "pattern": "^msg_[0-9a-f]{32}$",
                ],
                "batch": [
                    "type": "object", "required": ["size", "index"],
                    "properties": [
                        "size": ["description": "Events in the batch.", "type": "integer", "minimum": 1],
                        "index": ["description": "This one's place in it, from 0.", "type": "integer", "minimum": 0],
                    ],
                ],
                "content_type": ["description": "Of the request.", "type": "string"],
                "reason": ["description": "Why.", "enum": .list(DeadLetterReason.names.map { .text($0) })],
                "status": [
                    "description": "The last answer, with reason `status`; else null.", "type": ["integer", "null"],
                ],
                "attempts": ["description": "How many the batch had.", "type": "integer", "minimum": 0],
                "first_attempt": [
                    "description": "When its first request started; null: it had none.", "type": ["string", "null"],
                    "format": "date-time",
                ],
                "last_attempt": [
                    "description": "When its last request started; null: it had none.", "type": ["string", "null"],
                    "format": "date-time",
                ],
                "line": ["description": "Number of the input line.", "type": "integer", "minimum": 0],
                "topic": ["description": "The event's topic.", "type": "string"],
                "event": ["description": "The event's own bytes.", "type": "object"],
            ],
        ]
    }
}
