import Hookline
import Testing

private func webhooks(_ count: Int, concurrency: Int) -> [Webhook] {
    (0..<count).map { index in
        let url = WebhookURL(text: "https://a.example/", host: "a.example", port: 443)
        var webhook = Webhook(name: "\(index)", url: .value(url), topics: [.all])
        webhook.concurrency = concurrency
        return webhook
    }
}

extension ConnectionShares {
    fileprivate init(_ count: Int, concurrency: Int, limit: Int) {
        self.init(
            webhooks(count, concurrency: concurrency), takesPart: Array(repeating: true, count: count), limit: limit)
    }

    /// Starts requests of a webhook as long as it may have more.
    /// - Returns: how many.
    fileprivate mutating func fill(_ webhook: Int) -> Int {
        var count = 0
        while mayHaveMore(webhook), isGuaranteed(webhook) ? hasFree : hasLoan {
            start(webhook)
            count += 1
        }
        return count
    }
}

/// Of so many webhooks with that concurrency, and so many connections, the first takes all it can and hangs.
@Test(arguments: [
    // webhooks, concurrency, connections, what the first gets, what each further one gets even if all before it hang
    (1, 256, 256, 256, 0), (1, 4, 256, 4, 0), (1, 9, 2, 2, 0),
    (2, 256, 256, 128, 128), (2, 4, 256, 4, 4), (2, 4, 2, 1, 1), (2, 4, 3, 2, 1),
    (100, 4, 256, 4, 2), (100, 16, 256, 16, 2), (64, 4, 256, 4, 4), (256, 4, 256, 1, 1),
])
func `whatever the others do, a webhook gets its share at once`(
    count: Int, concurrency: Int, limit: Int, first: Int, share: Int
) {
    var shares = ConnectionShares(count, concurrency: concurrency, limit: limit)
    #expect(shares.fill(0) == first)
    for webhook in 1..<max(1, count) {
        let got = shares.fill(webhook)
        #expect(got >= share, "webhook \(webhook)")
    }
    #expect(shares.total <= limit)
}

@Test func `with more webhooks than connections a few that hang leave half of them`() {
    var shares = ConnectionShares(300, concurrency: 256, limit: 256)
    #expect(shares.fill(0) == 128)
    for webhook in 1...128 { #expect(shares.fill(webhook) == 1) }
    #expect(!shares.hasFree)
}

@Test func `what one gives back another may have`() {
    var shares = ConnectionShares(2, concurrency: 4, limit: 4)
    #expect(shares.fill(0) == 2)
    #expect(shares.fill(1) == 2)
    shares.end(0)
    #expect(!shares.hasLoan)
    #expect(shares.fill(0) == 1)
}

@Test func `a webhook that takes no part has no share`() {
    var shares = ConnectionShares(webhooks(2, concurrency: 8), takesPart: [true, false], limit: 8)
    #expect(shares.fill(0) == 8)
}
