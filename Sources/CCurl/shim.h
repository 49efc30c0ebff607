/* The door to libcurl: its variadic calls as typed inline functions, its nullability marked. */
#pragma once
#include <curl/curl.h>

#pragma clang assume_nonnull begin

static inline CURLcode hookline_set_long(CURL *easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode hookline_set_offset(CURL *easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode hookline_set_text(CURL *easy, CURLoption option, const char *_Nullable value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode hookline_set_pointer(CURL *easy, CURLoption option, const void *_Nullable value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode hookline_set_blob(CURL *easy, CURLoption option, const void *bytes, size_t count) {
    struct curl_blob blob = {.data = (void *)bytes, .len = count, .flags = CURL_BLOB_COPY};
    return curl_easy_setopt(easy, option, &blob);
}

typedef size_t (*hookline_data_callback)(char *_Nullable bytes, size_t size, size_t count, void *_Nullable context);

static inline CURLcode hookline_set_data_callback(CURL *easy, CURLoption option, hookline_data_callback callback) {
    return curl_easy_setopt(easy, option, callback);
}

typedef curl_socket_t (*hookline_socket_callback)(void *_Nullable context, curlsocktype purpose,
                                                  struct curl_sockaddr *_Nullable address);

static inline CURLcode hookline_set_socket_callback(CURL *easy, hookline_socket_callback callback) {
    return curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, callback);
}

static inline long hookline_get_long(CURL *easy, CURLINFO info) {
    long value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline curl_off_t hookline_get_offset(CURL *easy, CURLINFO info) {
    curl_off_t value = 0;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : 0;
}

static inline const char *_Nullable hookline_get_text(CURL *easy, CURLINFO info) {
    char *value = NULL;
    return curl_easy_getinfo(easy, info, &value) == CURLE_OK ? value : NULL;
}

static inline void *_Nullable hookline_get_private(CURL *easy) {
    char *value = NULL;
    return curl_easy_getinfo(easy, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode hookline_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

static inline CURLSHcode hookline_share_sessions(CURLSH *share) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
}

/* A macro that Swift can't read. */
static const long hookline_auth_basic = CURLAUTH_BASIC;

/* Asks for a URL's host as it is looked up, in ASCII; before libcurl 7.88 it comes as it was written. */
#ifdef CURLU_PUNYCODE
static const unsigned hookline_url_ascii = CURLU_PUNYCODE;
#else
static const unsigned hookline_url_ascii = 0;
#endif

static inline CURLcode hookline_result(const CURLMsg *message) { return message->data.result; }

static inline curl_version_info_data *_Nullable hookline_version_info(void) {
    return curl_version_info(CURLVERSION_NOW);
}

#pragma clang assume_nonnull end
