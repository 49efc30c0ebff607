/* The door to OpenSSL: digests here, TLS and certificates for the local receiver. */
#pragma once
#include <openssl/evp.h>
#include <openssl/err.h>
