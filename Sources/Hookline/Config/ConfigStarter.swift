/// The configuration that `hookline init` writes: it works as it stands with `hookline listen`, and says how.
package enum ConfigStarter {
    /// The command lines that lead from the file to a delivered event.
    package struct Commands: Equatable {
        package var secret = "export HOOKLINE_SECRET=$(hookline secret -q)"
        package var validate: String
        package var plan: String
        package var listen: String
        package var deliver: String
    }

    private static let event = #"{"topic":"order.created","id":"evt_1","order":{"id":"ord_1","total":250}}"#

    /// What to type.
    /// - Parameter path: of the file, as the user wrote it.
    /// - Returns: the lines, for a shell in the folder where `hookline init` was called.
    package static func commands(at path: String) -> Commands {
        let path = path.hasPrefix("-") ? "./" + path : path
        let config = configOption(path)
        let folder = RelativePath.folder(of: path)
        let directory = folder == "." ? "" : " --directory " + shellWord(folder + "/" + ListenOptions().directory)
        return Commands(
            validate: "hookline validate" + (config.isEmpty ? "" : " " + shellWord(path)),
            plan: "echo '\(event)' | hookline plan\(config)",
            listen: "hookline listen\(directory) &",
            deliver: "echo '\(event)' | hookline\(config)")
    }

    /// The text of the file. Its comments name it as the user did, except where that would end a comment.
    package static func text(at path: String) -> String {
        let isPlain = !path.utf8.contains(where: \.isControl)
        let commands = commands(at: isPlain ? path : Options().config)
        return """
            # Which events go where. An event is a line of JSON on standard input; each goes by its topic to the webhooks
            # below. docs/webhooks.yaml.md, or `man 5 webhooks.yaml`, has every key.
            #
            # This file works as it stands, with a receiver on this machine:
            #
            #   \(commands.secret)
            #   \(commands.listen)
            #   \(commands.deliver)
            #
            # After a change of it:
            #
            #   \(commands.validate)
            #   \(commands.plan)

            version: 1

            # The topics that events may have, each with a sentence on when it fires. A webhook can subscribe only to these.
            # The topic of an event stands at its key `topic`; `input: {topic: /type}` would take it from another place.
            topics:
              order.created: Fires when a customer has placed an order
              order.cancelled: Fires when an order is cancelled

            network:
              # Private addresses are refused unless they stand here, so that no URL reaches into the own network by mistake.
              # These are the receiver's on this machine. Take the section away once your webhooks have public addresses.
              allow: [127.0.0.1/32, "::1/128"]

            # What the webhooks have in common. Each can set these keys itself.
            defaults:
              # Requests are signed, so that a receiver can tell that they are yours. A secret never stands in this file, only
              # the place where it is kept: a variable, or {file: /run/secrets/hookline}.
              signing: {secrets: [{env: HOOKLINE_SECRET}]}
              # The receiver on this machine makes a certificate authority of its own. Public servers need no `tls`.
              tls: {ca_file: .hookline-listen/ca.pem}

            webhooks:
              - name: invoicing
                description: Create an invoice for every new order
                url: https://localhost:8443/invoicing
                topics: [order.created]
                # A batch goes out when it has 100 events, or when its first event has waited for a second.
                batch: {max_events: 100, max_wait: 1s}

              - name: large-orders
                description: Tell sales of orders that are worth a call
                url: https://localhost:8443/large-orders
                # All topics that begin with `order.`
                topics: [order.*]
                # Only events with this content. `hookline explain` says why an event is taken or not.
                filter: {order: {total: [{numeric: [">=", 100]}]}}
                # Each event in a request of its own, in place of an array of them.
                format: single

            # What can't be delivered now waits here for a later run. Without it, it goes to a file of dead letters, which
            # `hookline replay` sends again.
            # spool: {directory: spool}

            # What `hookline test` checks: events, and exactly the webhooks that take them.
            tests:
              - name: a large order is invoiced, and sales are told
                event: {topic: order.created, order: {total: 250}}
                deliver_to: [invoicing, large-orders]
              - name: a small order is invoiced
                event: {topic: order.created, order: {total: 12.50}}
                deliver_to: [invoicing]
              - name: nobody is told that a small order is cancelled
                event: {topic: order.cancelled, order: {total: 12.50}}
                deliver_to: []

            """
    }
}
