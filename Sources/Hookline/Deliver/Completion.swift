/// A request that ended.
package struct Completion {
    /// What a request is for.
    package enum Purpose {
        /// To deliver it.
        case batch(Batch)
        /// To get a token for an OAuth client, by its place in `Tokens`.
        case token(client: Int)
    }

    package var purpose: Purpose
    package var outcome: Outcome
    package var elapsed: Duration
    /// Bytes of the request's body.
    package var bytesSent: Int
    /// The answer's body; empty where nobody asked for it, nil: it was too long.
    package var body: [UInt8]?
}
