// swift-tools-version: 6.2
import PackageDescription

/// The strict settings of every Swift target: what the compiler can check, it checks.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "hookline",
    products: [.executable(name: "hookline", targets: ["hookline"])],
    targets: [
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CBytes"),
        .systemLibrary(name: "CLinux"),
        .target(
            name: "Hookline", dependencies: ["CCurl", "CYAML", "CCrypto", "CLinux", "CBytes"], swiftSettings: strict),
        .executableTarget(name: "hookline", dependencies: ["Hookline"], swiftSettings: strict),
        .target(name: "TestKit", dependencies: ["Hookline"], path: "Tests/TestKit", swiftSettings: strict),
        .executableTarget(
            name: "RoutingBench", dependencies: ["Hookline"], path: "Tests/RoutingBench", swiftSettings: strict),
        .testTarget(
            name: "HooklineTests", dependencies: ["Hookline", "TestKit"], exclude: ["Data"], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests", dependencies: ["Hookline", "TestKit", "hookline"],
            exclude: ["Cases", "Preload", "Servers"],
            swiftSettings: strict),
    ]
)
