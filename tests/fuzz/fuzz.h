/*
 * fuzz - what every target of libFuzzer has
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Called with each input; 0. An abort is a finding. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
