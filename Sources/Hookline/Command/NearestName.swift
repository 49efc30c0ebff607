/// The known name that a mistyped one most likely meant: the "did you mean" of options, keys, topics and webhooks.
///
/// The distance is Damerau-Levenshtein's (optimal string alignment): a swap of two neighbours costs one.
/// - Returns: the closest candidate within a third of the word's length (at least 1, at most 3 edits), or nil.
package func nearestName(to word: String, among candidates: [String]) -> String? {
    let limit = min(3, max(1, word.utf8.count / 3))
    var best: (name: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
        if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
}

/// The known name that a word of two letters or more begins: `valid` is `validate`.
/// - Returns: nil where there is none, or more than one.
package func onlyCompletion(of word: String, among candidates: [String]) -> String? {
    let found = candidates.filter { word.utf8.count > 1 && $0.hasPrefix(word) }
    return found.count == 1 ? found[0] : nil
}

private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 1...left.count {
        var current = [row] + Array(repeating: 0, count: right.count)
        for column in 1...right.count {
            let change = left[row - 1] == right[column - 1] ? 0 : 1
            current[column] = min(last[column] + 1, current[column - 1] + 1, last[column - 1] + change)
            if row > 1, column > 1, left[row - 1] == right[column - 2], left[row - 2] == right[column - 1] {
                current[column] = min(current[column], beforeLast[column - 2] + 1)
            }
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
