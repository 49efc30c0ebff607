// The bar of `scripts/bench requests`: a single-event request for each line of the input, by as little code as can be.
//
// Usage:  bench_requests URL CA-FILE EVENTS-FILE CONNECTIONS      prints how many requests were answered with 200
//
// Needs:  libcurl. Built by scripts/bench_requests.py; no part of hookline.
/* One curl_multi, one reused easy handle for each connection, bodies handed over in place. Only what libcurl does
 * itself is measured: no JSON is looked at, and the headers, those of hookline, are the same in every request. */
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *next_line, *end;

static size_t drop(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes, (void)context;
    return size * count;
}

static void fail(const char *what) {
    fprintf(stderr, "bench_requests: %s\n", what);
    exit(1);
}

/* Starts the next line on a free handle; 0 when there is none. */
static int start(CURLM *multi, CURL *easy) {
    if (next_line == end) return 0;
    const char *line_feed = memchr(next_line, '\n', (size_t)(end - next_line));
    if (!line_feed) fail("the last line has no line feed");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, next_line);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(line_feed + 1 - next_line));
    next_line = line_feed + 1;
    if (curl_multi_add_handle(multi, easy)) fail("curl_multi_add_handle");
    return 1;
}

int main(int count, char **arguments) {
    if (count != 5) fail("usage: bench_requests URL CA-FILE EVENTS-FILE CONNECTIONS");
    int file = open(arguments[3], O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status)) fail("the file with events can't be read");
    next_line = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (next_line == MAP_FAILED) fail("mmap");
    end = next_line + status.st_size;

    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURLM *multi = curl_multi_init();
    struct curl_slist *headers = NULL;
    const char *lines[] = {
        "Content-Type: application/x-ndjson", "User-Agent: hookline/0.1.0", "Expect:",
        "webhook-id: msg_0123456789abcdef0123456789abcdef", "webhook-timestamp: 1767225600"};
    for (size_t index = 0; index < sizeof lines / sizeof *lines; index++)
        headers = curl_slist_append(headers, lines[index]);
    int running = 0;
    long answered = 0;
    for (int index = 0; index < atoi(arguments[4]); index++) {
        CURL *easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, arguments[1]);
        curl_easy_setopt(easy, CURLOPT_CAINFO, arguments[2]);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
        running += start(multi, easy);
    }
    while (running) {
        int under_way, left;
        if (curl_multi_perform(multi, &under_way)) fail("curl_multi_perform");
        for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
            CURL *easy = message->easy_handle;
            long code = 0;
            if (message->data.result) fail(curl_easy_strerror(message->data.result));
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
            if (code != 200) fail("an answer other than 200");
            answered++;
            running--;
            curl_multi_remove_handle(multi, easy);
            running += start(multi, easy);
            under_way++;
        }
        if (running && curl_multi_poll(multi, NULL, 0, 1000, NULL)) fail("curl_multi_poll");
    }
    printf("%ld\n", answered);
    return 0;
}
