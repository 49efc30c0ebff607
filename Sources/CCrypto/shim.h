/* The door to OpenSSL: digests here, TLS and certificates for the local receiver. */
#pragma once
#include <openssl/evp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* TLS 1.2 or newer, http/1.1, and writes that may be short or be repeated from another address. 1, or 0 if it failed. */
static inline int crypto_tls_prepare(SSL_CTX *_Nonnull context) {
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1);
    return (int)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

/* A new key on the curve P-256, or NULL. */
static inline EVP_PKEY *_Nullable crypto_p256_key(void) {
    return EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

/* Adds an extension written as in an OpenSSL configuration. 1, or 0 if it failed. */
static inline int crypto_x509_add_extension(
    X509 *_Nonnull certificate, X509 *_Nonnull issuer, int nid, const char *_Nonnull value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&context);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    if (!extension) return 0;
    int added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

/* The bytes that a memory BIO holds; they live as long as it does. */
static inline long crypto_bio_contents(BIO *_Nonnull bio, char *_Nullable *_Nonnull start) {
    return BIO_get_mem_data(bio, start);
}
