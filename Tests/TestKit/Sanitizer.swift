import Glibc

/// Whether a sanitizer is built in: then all takes several times as long, and more memory.
package let isSanitized: Bool = ["__asan_init", "__tsan_init"].contains { (name: String) in
    unsafe dlsym(nil, name) != nil
}

/// How long a test waits for a process before it gives up: much longer than any should take on a busy machine.
package let patience: Duration = isSanitized ? .seconds(300) : .seconds(60)
