import Hookline
import Testing

@Test func `a queue keeps its order through pushes and pops`() {
    var queue = FIFO<Int>()
    var model: [Int] = []
    for step in 0..<1_000 {
        switch step * 7 % 5 {
        case 0, 1, 2:
            queue.append(step)
            model.append(step)
        default:
            let expected = model.isEmpty ? nil : model.removeFirst()
            let first = queue.popFirst()
            #expect(first == expected)
        }
    }
    #expect(queue.removeAll() == model)
    #expect(queue.isEmpty)
}

@Test func `what is put before all others comes out first, the last one put there first of all`() {
    var queue = FIFO<Int>()
    for number in 0..<5 { queue.append(number) }
    #expect(queue.popFirst() == 0)
    queue.prepend(10)
    queue.prepend(11)
    queue.append(12)
    #expect(queue.removeAll() == [11, 10, 1, 2, 3, 4, 12])
}

@Test func `some elements can be taken out of the middle, and each is asked for once, in order`() {
    var queue = FIFO<Int>()
    for number in 0..<10 { queue.append(number) }
    #expect(queue.popFirst() == 0)
    var asked: [Int] = []
    let even = queue.removeAll { number in
        asked.append(number)
        return number % 2 == 0
    }
    #expect(asked == Array(1...9))
    #expect(even == [2, 4, 6, 8])
    queue.append(20)
    #expect(queue.removeAll() == [1, 3, 5, 7, 9, 20])
}
