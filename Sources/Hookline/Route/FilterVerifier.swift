/// Says whether the event at hand matches a filter: exactly, and in time that grows with leaves times fields alone.
///
/// A branch matches if its fields can be given leaves that agree on the element of every array that they share. Fields in
/// one array must find theirs in one of its elements; what lies in different arrays, or beside them, is independent once
/// the element that holds them is chosen. So elements are judged from the innermost out: one is good if
/// each field with leaves in it passes there, if it lacks none of those that must be there of the array's, and if every
/// array in it has a good element.
struct FilterVerifier: ~Copyable {
    /// Of an element, for the branch at hand.
    private struct ElementState {
        var branch = 0
        /// The field that counted its leaves here last.
        var field = 0
        /// The field that found a leaf right here that passes.
        var passed = 0
        /// Fields with leaves in it that may not be absent.
        var required: Int32 = 0
        /// Arrays in it with leaves of the branch, and how many of them have a good element.
        var arrays: Int32 = 0
        var goodArrays: Int32 = 0
        var isBad = false
    }

    /// Of an array, for the branch at hand.
    private struct ArrayState {
        var branch = 0
        var field = 0
        /// Fields with leaves in it that may not be absent.
        var required: Int32 = 0
        var isGood = false
    }

    /// By node: the event that has a leaf there, and the first one.
    private var nodes: [(event: Int, first: Int32)]
    /// By leaf: the next one of its node.
    private var next: [Int32] = []
    private var event = 0
    private var elements: [ElementState] = []
    private var arrays: [ArrayState] = []
    /// Between these lie the elements with leaves of the branch at hand.
    private var lowest = 0
    private var highest = 0
    private var branch = 0
    /// Counts fields over all branches.
    private var field = 0

    init(nodeCount: Int) { nodes = Array(repeating: (0, -1), count: nodeCount) }

    /// Takes up the event's leaves.
    mutating func begin(_ leaves: borrowing Leaves) {
        event += 1
        for index in stride(from: leaves.count - 1, through: 0, by: -1) {
            let leaf = leaves[index]
            while next.count <= index { next.append(-1) }
            if leaf.kind == .replaced { continue }
            let node = Int(leaf.node)
            next[index] = nodes[node].event == event ? nodes[node].first : -1
            nodes[node] = (event, Int32(index))
        }
        while elements.count < leaves.contextCount { elements.append(ElementState()) }
        while arrays.count < leaves.arrayCount { arrays.append(ArrayState()) }
    }

    /// The first leaf at a node, or -1.
    func firstLeaf(at node: Int32) -> Int32 {
        let found = nodes[Int(node)]
        return found.event == event ? found.first : -1
    }

    /// The next leaf of the same node, or -1.
    func leaf(after leaf: Int32) -> Int32 { next[Int(leaf)] }

    mutating func matches(
        _ filter: Int, _ tests: inout LeafTests, _ leaves: borrowing Leaves, in line: UnsafeRawBufferPointer
    ) -> Bool {
        for branch in tests.program.filters[filter].range {
            if unsafe holds(tests.program.branches[branch], &tests, leaves, in: line) { return true }
        }
        return false
    }

    private mutating func holds(
        _ fields: FilterProgram.Span, _ tests: inout LeafTests, _ leaves: borrowing Leaves,
        in line: UnsafeRawBufferPointer
    ) -> Bool {
        var inArrays = false
        for place in fields.range {
            let field = tests.program.fields[Int(tests.program.branchFields[place])]
            var leaf = firstLeaf(at: field.node)
            if leaf < 0 {
                if field.allowsAbsence { continue }
                return false
            }
            var passes = false
            while leaf >= 0 {
                if leaves[Int(leaf)].context > 0 { inArrays = true }
                if !passes { passes = unsafe tests.passes(field, Int(leaf), leaves, in: line) }
                leaf = next[Int(leaf)]
            }
            // Absence could hold beside the elements that are chosen for others.
            if !passes, !field.allowsAbsence { return false }
            if !passes, !inArrays { return false }
        }
        return unsafe !inArrays || holdsInArrays(fields, &tests, leaves, in: line)
    }

    // MARK: Arrays

    private mutating func holdsInArrays(
        _ fields: FilterProgram.Span, _ tests: inout LeafTests, _ leaves: borrowing Leaves,
        in line: UnsafeRawBufferPointer
    ) -> Bool {
        branch += 1
        lowest = .max
        highest = 0
        elements[0] = ElementState(branch: branch)
        for place in fields.range {
            let field = tests.program.fields[Int(tests.program.branchFields[place])]
            self.field += 1
            let first = firstLeaf(at: field.node)
            var leaf = first
            while leaf >= 0 {
                let context = Int(leaves[Int(leaf)].context)
                count(context, mayBeAbsent: field.allowsAbsence, leaves)
                if elements[context].passed != self.field, unsafe tests.passes(field, Int(leaf), leaves, in: line) {
                    elements[context].passed = self.field
                }
                leaf = next[Int(leaf)]
            }
            leaf = first
            while leaf >= 0 {
                let context = Int(leaves[Int(leaf)].context)
                if elements[context].passed != self.field { elements[context].isBad = true }
                leaf = next[Int(leaf)]
            }
        }
        return judge(leaves)
    }

    private mutating func touch(_ context: Int) {
        elements[context] = ElementState(branch: branch)
        lowest = min(lowest, context)
        highest = max(highest, context)
    }

    /// Counts the field at hand in an element that has a leaf of it, and in all that this one is in.
    private mutating func count(_ context: Int, mayBeAbsent: Bool, _ leaves: borrowing Leaves) {
        var context = context
        while true {
            if elements[context].branch != branch { touch(context) }
            if elements[context].field == field { return }
            elements[context].field = field
            if !mayBeAbsent { elements[context].required += 1 }
            if context == 0 { return }
            let place = leaves.context(context)
            let array = Int(place.array)
            let outer = Int(place.parent)
            if elements[outer].branch != branch { touch(outer) }
            if arrays[array].branch != branch {
                arrays[array] = ArrayState(branch: branch)
                elements[outer].arrays += 1
            }
            if arrays[array].field != field {
                arrays[array].field = field
                if !mayBeAbsent { arrays[array].required += 1 }
            }
            context = outer
        }
    }

    /// Judges the elements with leaves, inner ones before those that they are in, which have lower numbers.
    private mutating func judge(_ leaves: borrowing Leaves) -> Bool {
        var context = highest
        while context >= lowest {
            defer { context -= 1 }
            let element = elements[context]
            guard element.branch == branch, !element.isBad, element.goodArrays == element.arrays else { continue }
            let array = Int(leaves.context(context).array)
            guard element.required == arrays[array].required, !arrays[array].isGood else { continue }
            arrays[array].isGood = true
            elements[Int(leaves.context(ofArray: array))].goodArrays += 1
        }
        return !elements[0].isBad && elements[0].goodArrays == elements[0].arrays
    }
}
