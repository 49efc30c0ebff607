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

/// Every third webhook hangs for good, the others answer at once; all have twenty batches from the start.
@Test(arguments: [(100, 256, 4), (100, 128, 4), (300, 256, 4), (300, 256, 64), (255, 256, 256), (12, 12, 4)])
func `webhooks that hang keep no other from being done`(count: Int, limit: Int, concurrency: Int) {
    let webhooks = webhooks(count, concurrency: concurrency)
    let start = ContinuousClock().systemEpoch
    var schedule = Schedule(webhooks, maxUnderWay: limit)
    for webhook in webhooks.indices {
        for _ in 0..<20 {
            let batch = Batch(
                webhook: webhook, payload: Payload(.json), opened: start, memory: MemoryAccount(limit: 1),
                expectedBytes: 0, expectedEvents: 1)
            schedule.add(batch)
        }
    }
    var done = Array(repeating: 0, count: count)
    while true {
        var answered: [Batch] = []
        while let batch = schedule.next(start) {
            if batch.webhook % 3 > 0 { answered.append(batch) }
        }
        if answered.isEmpty { break }
        for batch in answered {
            schedule.ended(batch, .alive, start)
            done[batch.webhook] += 1
        }
    }
    for webhook in webhooks.indices where webhook % 3 > 0 { #expect(done[webhook] == 20, "webhook \(webhook)") }
}
