/*
 * frameseal and another library beside each other, from C: benches/c/run.sh.
 *
 * In each round both seal, and open, one batch of frames in turn; what counts is the ratio within a
 * round, since the speed of a shared machine drifts. Quoted are medians. Time is that of the thread
 * on the processor. Frames are sealed before the opening of them is timed; every frame must open with
 * the length that it had, and the last one of a batch with what was sealed, or the run fails.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

enum { MAX_ROUNDS = 101, MAX_BATCH = 512, MARGIN = 64, LIBRARIES = 2 };

static const uint8_t metadata[6] = "audio1";
static const uint8_t base_key[32] = "0123456789abcdef0123456789abcde";

static const struct {
    uint16_t number;
    const char *name;
} suites[] = {
    {1, "AES_128_CTR_HMAC_SHA256_80"}, {2, "AES_128_CTR_HMAC_SHA256_64"},
    {3, "AES_128_CTR_HMAC_SHA256_32"}, {4, "AES_128_GCM_SHA256_128"},
    {5, "AES_256_GCM_SHA512_128"},     {6, "AES_256_CTR_HMAC_SHA512_80"},
    {7, "AES_256_CTR_HMAC_SHA512_64"}, {8, "AES_256_CTR_HMAC_SHA512_32"},
};
static const size_t sizes[] = {20, 100, 160, 1200, 10000, 100000};

enum { SEAL, OPEN, KINDS };

/* One library with frames of one suite and size. */
typedef struct {
    const bench_library *library;
    bench_side *sender;
    bench_side *receiver;
    uint8_t *frames;
    size_t lens[MAX_BATCH];
    double rounds[KINDS][MAX_ROUNDS];
} contestant;

static uint8_t *payload;
static uint8_t *opened;

static void fail(const char *library, const char *what)
{
    fprintf(stderr, "%s: %s\n", library, what);
    exit(EXIT_FAILURE);
}

static void *room(size_t bytes)
{
    void *memory = malloc(bytes);
    if (memory == NULL) {
        fail("bench", "no memory");
    }
    memset(memory, 0x5a, bytes);
    return memory;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void seal_batch(contestant *one, size_t size, size_t batch)
{
    for (size_t i = 0; i < batch; i++) {
        one->lens[i] = one->library->seal(one->sender, metadata, sizeof metadata, payload, size,
                                          one->frames + i * (size + MARGIN), size + MARGIN);
    }
}

static bool open_batch(contestant *one, size_t size, size_t batch)
{
    bool whole = true;
    for (size_t i = 0; i < batch; i++) {
        size_t len = one->library->open(one->receiver, metadata, sizeof metadata,
                                        one->frames + i * (size + MARGIN), one->lens[i], opened,
                                        size + MARGIN);
        whole = whole && len == size;
    }
    return whole;
}

/* Nanoseconds for a frame of each kind, in one round. */
static void round_of(contestant *one, size_t size, size_t batch, double times[KINDS])
{
    double start = now();
    seal_batch(one, size, batch);
    times[SEAL] = (now() - start) / (double)batch;
    for (size_t i = 0; i < batch; i++) {
        if (one->lens[i] == SIZE_MAX) {
            fail(one->library->name, "a frame was not sealed");
        }
    }
    memset(opened, 0, size + MARGIN);
    start = now();
    bool whole = open_batch(one, size, batch);
    times[OPEN] = (now() - start) / (double)batch;
    if (!whole || memcmp(opened, payload, size) != 0) {
        fail(one->library->name, "a frame that was sealed does not open");
    }
}

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(const double *values, int count)
{
    double sorted[MAX_ROUNDS];
    memcpy(sorted, values, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, ascending);
    return sorted[count / 2];
}

static double median_ratio(const double *ours, const double *theirs, int count)
{
    double ratios[MAX_ROUNDS];
    for (int i = 0; i < count; i++) {
        ratios[i] = ours[i] / theirs[i];
    }
    return median(ratios, count);
}

/* Enough frames that the clock does not matter, few enough that they fit the cache. */
static size_t batch_of(size_t size)
{
    size_t batch = 400000 / size;
    return batch < 4 ? 4 : batch > MAX_BATCH ? MAX_BATCH : batch;
}

static void row(uint16_t suite, const char *name, size_t size, int rounds)
{
    static contestant contestants[LIBRARIES];
    const bench_library *const libraries[LIBRARIES] = {&frameseal_library, &other_library};
    const size_t batch = batch_of(size);
    for (int i = 0; i < LIBRARIES; i++) {
        contestant *one = &contestants[i];
        one->library = libraries[i];
        one->sender = one->library->sender(suite, base_key, sizeof base_key);
        one->receiver = one->library->receiver(suite, base_key, sizeof base_key);
        one->frames = room(batch * (size + MARGIN));
    }
    const contestant *ours = &contestants[0], *theirs = &contestants[1];
    if (ours->sender == NULL || ours->receiver == NULL) {
        fail(ours->library->name, "a suite is missing");
    }
    const bool both = theirs->sender != NULL && theirs->receiver != NULL;

    /* The first two rounds are not counted. */
    for (int r = -2; r < rounds; r++) {
        for (int i = 0; i < (both ? LIBRARIES : 1); i++) {
            double times[KINDS];
            round_of(&contestants[i], size, batch, times);
            for (int kind = 0; kind < KINDS && r >= 0; kind++) {
                contestants[i].rounds[kind][r] = times[kind];
            }
        }
    }
    printf("| %s | %zu |", name, size);
    for (int kind = 0; kind < KINDS; kind++) {
        printf(" %.0f |", median(ours->rounds[kind], rounds));
        if (both) {
            printf(" %.0f | %.2f |", median(theirs->rounds[kind], rounds),
                   median_ratio(ours->rounds[kind], theirs->rounds[kind], rounds));
        } else {
            printf(" | |");
        }
    }
    printf("\n");
    for (int i = 0; i < LIBRARIES; i++) {
        contestant *one = &contestants[i];
        if (one->sender != NULL) {
            one->library->free_sender(one->sender);
        }
        if (one->receiver != NULL) {
            one->library->free_receiver(one->receiver);
        }
        free(one->frames);
    }
}

int main(int argc, char **argv)
{
    int rounds = MAX_ROUNDS;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            rounds = 31;
        } else if (strcmp(argv[i], "--test") == 0) {
            rounds = 1;
        } else {
            fprintf(stderr, "usage: %s [--quick | --test]\n", argv[0]);
            return EXIT_FAILURE;
        }
    }
    payload = room(100000 + MARGIN);
    opened = room(100000 + MARGIN);
    printf("Nanoseconds for a frame, from buffer to buffer; medians of %d rounds.\n\n", rounds);
    printf("| suite | bytes | %s encrypt | %s | ratio | %s decrypt | %s | ratio |\n",
           frameseal_library.name, other_library.name, frameseal_library.name, other_library.name);
    printf("|---|---|---|---|---|---|---|---|\n");
    for (size_t suite = 0; suite < sizeof suites / sizeof *suites; suite++) {
        for (size_t size = 0; size < sizeof sizes / sizeof *sizes; size++) {
            row(suites[suite].number, suites[suite].name, sizes[size], rounds);
        }
    }
    free(payload);
    free(opened);
    return EXIT_SUCCESS;
}
