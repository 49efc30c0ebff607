/* The door to OpenSSL: digests and signatures, TLS and certificates for the local receiver. */
#pragma once
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

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

/* An HMAC context (RFC 2104) keyed with `size` bytes, at least one, for the digest of that name; or NULL. */
static inline EVP_MAC_CTX *_Nullable crypto_hmac_context(
    const char *_Nonnull digest, const unsigned char *_Nonnull key, size_t size) {
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0), OSSL_PARAM_construct_end()};
    if (context && EVP_MAC_init(context, key, size, parameters) == 1) return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

/* A GMAC context (NIST SP 800-38D) with AES-128, whose key and nonce are zero; or NULL. */
static inline EVP_MAC_CTX *_Nullable crypto_gmac_context(void) {
    static const unsigned char zero[16];
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_GMAC, NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, (char *)"AES-128-GCM", 0),
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, (void *)zero, 12), OSSL_PARAM_construct_end()};
    if (context && EVP_MAC_init(context, zero, sizeof zero, parameters) == 1) return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

/* The password that opens a key; bytes may be NULL. `asked` becomes 1 once one is wanted. */
struct crypto_password {
    const void *_Nullable bytes;
    int count;
    int asked;
};

/* OpenSSL's own way to get a password would ask the terminal. */
static inline int crypto_give_password(char *_Nonnull buffer, int size, int writing, void *_Nullable context) {
    struct crypto_password *password = (struct crypto_password *)context;
    (void)writing;
    password->asked = 1;
    if (!password->bytes || password->count > size) return -1;
    memcpy(buffer, password->bytes, (size_t)password->count);
    return password->count;
}

/* The first private key of a PEM text, or NULL. */
static inline EVP_PKEY *_Nullable crypto_pem_key(
    const void *_Nonnull pem, int size, struct crypto_password *_Nonnull password) {
    BIO *bio = BIO_new_mem_buf(pem, size);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, crypto_give_password, password) : NULL;
    BIO_free(bio);
    return key;
}

/* The first certificate of a PEM text, or NULL. */
static inline X509 *_Nullable crypto_pem_certificate(const void *_Nonnull pem, int size) {
    struct crypto_password none = {NULL, 0, 0};
    BIO *bio = BIO_new_mem_buf(pem, size);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, crypto_give_password, &none) : NULL;
    BIO_free(bio);
    return certificate;
}

/* An Ed25519 private key of its 32-byte seed, or NULL. */
static inline EVP_PKEY *_Nullable crypto_ed25519_private(const unsigned char *_Nonnull seed) {
    return EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
}

/* An Ed25519 public key of its 32 bytes, or NULL. */
static inline EVP_PKEY *_Nullable crypto_ed25519_public(const unsigned char *_Nonnull bytes) {
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes, 32);
}
