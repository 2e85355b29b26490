// What the machine can do: `limits THREADS` prints one JSON object. FMA peak in GFLOP/s; triad and read in GB/s.
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif
#define LANES (BYTES / 4)
typedef float vector __attribute__((vector_size(BYTES), aligned(BYTES)));

// Two pipes with a latency of four or five cycles need ten sums that do not wait for each other; AVX-512 has registers for more.
#define ACCUMULATORS (BYTES == 64 ? 24 : 12)
// A burst is a fraction of a millisecond: among many some meet a warm clock, and no thread that was interrupted.
#define FMA_STEPS 10000L
#define BURSTS 1000
#define ELEMENTS (1L << 24)
#define MOST_THREADS 64

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int threads;
static float *a, *b, *c;
static volatile float sink[MOST_THREADS];

static void fma_burst(long thread) {
  // Not made lane by lane: compilers would leave them in memory, and load one for each multiply-add.
  const vector none = {0}, factor = none + 0.999f, addend = none + 0.001f * (float)(thread + 1);
  vector sum[ACCUMULATORS];
  for (int i = 0; i < ACCUMULATORS; i++) sum[i] = addend * (float)i;
  for (long step = 0; step < FMA_STEPS; step++) {
#pragma GCC unroll 24
    for (int i = 0; i < ACCUMULATORS; i++) sum[i] = sum[i] * factor + addend;
  }
  float total = 0;
  for (int i = 0; i < ACCUMULATORS; i++)
    for (int lane = 0; lane < LANES; lane++) total += sum[i][lane];
  sink[thread] = total;
}

static atomic_long begun, ended;
static double best_burst;

// All threads start each burst together, because nobody begins one before all have come; the first one takes the time.
static void fma_peak(long thread) {
  for (long burst = 1; burst <= BURSTS; burst++) {
    atomic_fetch_add(&begun, 1);
    while (atomic_load(&begun) < burst * threads) {}
    const double began = now();
    fma_burst(thread);
    atomic_fetch_add(&ended, 1);
    while (atomic_load(&ended) < burst * threads) {}
    const double took = now() - began;
    if (thread == 0 && took < best_burst) best_burst = took;
  }
}

static void triad(long thread) {
  const long from = ELEMENTS / threads * thread, to = ELEMENTS / threads * (thread + 1);
  for (long i = from; i < to; i++) a[i] = b[i] + 1.5f * c[i];
}

static void read_all(long thread) {
  const long from = ELEMENTS / threads * thread / LANES, to = ELEMENTS / threads * (thread + 1) / LANES;
  const vector *values = (const vector *)b;
  vector sum[8] = {0};
  for (long i = from; i + 8 <= to; i += 8)
    for (int j = 0; j < 8; j++) sum[j] += values[i + j];
  float total = 0;
  for (int j = 0; j < 8; j++)
    for (int lane = 0; lane < LANES; lane++) total += sum[j][lane];
  sink[thread] = total;
}

static void fill(long thread) {
  const long from = ELEMENTS / threads * thread, to = ELEMENTS / threads * (thread + 1);
  for (long i = from; i < to; i++) a[i] = 0, b[i] = 1, c[i] = 2;
}

static void (*work)(long);
static void *begin(void *thread) {
  work((long)thread);
  return NULL;
}

static double seconds(void (*what)(long)) {
  pthread_t started[MOST_THREADS];
  work = what;
  const double began = now();
  for (long thread = 1; thread < threads; thread++) pthread_create(&started[thread], NULL, begin, (void *)thread);
  what(0);
  for (long thread = 1; thread < threads; thread++) pthread_join(started[thread], NULL);
  return now() - began;
}

static double shortest(void (*what)(long), int times) {
  double best = 1e9;
  for (int i = 0; i < times; i++) {
    const double took = seconds(what);
    if (took < best) best = took;
  }
  return best;
}

int main(int count, char **arguments) {
  threads = count > 1 ? atoi(arguments[1]) : 1;
  if (threads < 1 || threads > MOST_THREADS) return 2;
  a = aligned_alloc(64, ELEMENTS * 4), b = aligned_alloc(64, ELEMENTS * 4), c = aligned_alloc(64, ELEMENTS * 4);
  if (!a || !b || !c) return 1;
  seconds(fill);
  best_burst = 1e9;
  seconds(fma_peak);
  printf("{\"fma\": %g,", 2.0 * ACCUMULATORS * LANES * FMA_STEPS * threads / best_burst / 1e9);
  printf(" \"triad\": %g,", 3.0 * 4 * ELEMENTS / shortest(triad, 5) / 1e9);
  printf(" \"read\": %g}\n", 4.0 * ELEMENTS / shortest(read_all, 5) / 1e9);
  return 0;
}
