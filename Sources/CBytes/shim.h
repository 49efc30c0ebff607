/* Many bytes looked at in one step: Swift has no word for a comparison of sixteen bytes as bits. No library belongs to
   it; the compiler knows the vectors of each processor. */
#pragma once
#include <stdint.h>

/* A bit for each of the 16 bytes from `start`, the first one lowest: whether a plain character of a JSON string stops
   there, at a quote, a backslash, a control character or a byte that is not ASCII. */
static inline uint64_t hookline_string_stops_16(const uint8_t *_Nonnull start) {
    typedef int8_t bytes __attribute__((vector_size(16)));
    typedef _Bool bits __attribute__((ext_vector_type(16)));
    bytes block;
    __builtin_memcpy(&block, start, sizeof block);
    /* With a sign, bytes that are not ASCII are below the space, too. */
    bytes stops = (block < 0x20) | (block == '"') | (block == '\\');
    bits mask = __builtin_convertvector(stops, bits);
    uint16_t result;
    __builtin_memcpy(&result, &mask, sizeof result);
    return result;
}

/* The same for 64 bytes. */
static inline uint64_t hookline_string_stops(const uint8_t *_Nonnull start) {
    return hookline_string_stops_16(start) | hookline_string_stops_16(start + 16) << 16
        | hookline_string_stops_16(start + 32) << 32 | hookline_string_stops_16(start + 48) << 48;
}
