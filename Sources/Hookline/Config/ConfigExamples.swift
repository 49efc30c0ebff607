/// What the reference page shows beyond tables: how credentials, signatures, certificates and CloudEvents look.
extension ConfigReference {
    /// Prints what `tls.pinned_public_key` wants of a server's certificate, after `sha256//`.
    package static let pinCommand =
        "openssl x509 -in server.pem -pubkey -noout | openssl pkey -pubin -outform der "
        + "| openssl dgst -sha256 -binary | openssl base64"

    /// A whole configuration.
    package static let example = """
        version: 1
        topics: {object.created: Fires when a new object is created}
        network:
          proxy: {env: PROXY_URL}          # http://name:password@proxy.example:3128
        webhooks:
          - name: basic
            url: https://basic.example.com/hook
            topics: [object.created]
            auth: {basic: {username: hookline, password: {env: BASIC_PASSWORD}}}
          - name: oauth2
            url: https://oauth.example.com/hook
            topics: [object.created]
            auth:
              oauth2:
                token_url: https://id.example.com/oauth/token
                client_id: hookline
                client_secret: {file: /run/secrets/client_secret}
                scope: webhooks.write
          - name: github
            url: https://github-like.example.com/hook
            topics: [object.created]
            signing: {scheme: github, secrets: [{env: GITHUB_SECRET}]}
          - name: stripe
            url: https://stripe-like.example.com/hook
            topics: [object.created]
            signing: {scheme: stripe, secrets: [{env: STRIPE_SECRET}]}
          - name: custom
            url: https://custom.example.com/hook
            topics: [object.created]
            signing:
              scheme: custom
              header: X-Signature
              template: "{timestamp}.{body}"
              value: "t={timestamp},s={signature}"
              secrets: [{env: CUSTOM_SECRET}]
          - name: mutual
            url: https://mutual.example.com/hook
            topics: [object.created]
            tls:
              client_cert: client.pem
              client_key: client.key
              client_key_password: {env: CLIENT_KEY_PASSWORD}
          - name: cloudevents
            url: https://events.example.com/hook
            topics: [object.created]
            format: cloudevents
            cloudevents: {source: "urn:example:orders"}

        """

    static let examples = """
        ## Examples

        ```yaml
        \(example)```

        - `github` sends `X-Hub-Signature-256: sha256=<hex>`, the HMAC-SHA256 of the body.
        - `stripe` sends `Stripe-Signature: t=<seconds>,v1=<hex>`, the HMAC-SHA256 of `timestamp.body`; each further secret \
        adds a `v1`.
        - Both take the secret's bytes as they are, and so does `custom`: a `whsec_` secret belongs to `standard`.
        - OAuth 2 credentials are posted to `token_url` as `Authorization: Basic …`, with `grant_type=client_credentials` \
        and the scope in the body.
        - `pinned_public_key` is `sha256//` and what this prints of the server's certificate: `\(pinCommand)`

        """
}
