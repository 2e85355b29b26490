/**
 * The thread pool, as C. Threads sleep when idle: after a short spin they wait on a condition variable.
 *
 * A launch is published in `ticket`: its generation in the high half, the next task in the low half. A thread claims a
 * task by adding one to exactly the ticket it read, so a thread that is late can never take part in the wrong launch;
 * while a launch is being written down, the low half is closed. Nobody waits for threads that did not wake in time.
 */
export const poolSource = `#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

typedef void task_function(const void *argument, int32_t task, char *scratch);

struct pool {
  /* These two are known to the programs. */
  void (*launch)(struct pool *pool, task_function *function, const void *argument, int32_t tasks);
  int32_t (*reserve)(struct pool *pool, int64_t scratch_bytes);

  _Alignas(64) _Atomic uint64_t ticket;
  _Alignas(64) _Atomic int32_t done;
  _Atomic(task_function *) function;
  _Atomic(const void *) argument;
  _Atomic int32_t tasks;

  _Alignas(64) pthread_mutex_t mutex;
  pthread_cond_t work;
  pthread_cond_t finished;
  _Atomic int32_t sleeping;
  _Atomic int32_t waiting;
  _Atomic int32_t stopping;

  int64_t scratch_bytes;
  int32_t threads;
  pthread_t *handles;
  char **scratch; /* one a thread; 0 belongs to the caller */
};

struct worker {
  struct pool *pool;
  int32_t index;
};

enum { spins = 2000 };
static const uint64_t closed = 0x7fffffff;

static inline void relax(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* Runs tasks of the launch that is current until none is left; returns the last ticket seen. */
static uint64_t work(struct pool *pool, int32_t index) {
  for (;;) {
    uint64_t ticket = atomic_load(&pool->ticket);
    for (;;) {
      int32_t tasks = atomic_load(&pool->tasks);
      task_function *function = atomic_load(&pool->function);
      const void *argument = atomic_load(&pool->argument);
      int32_t task = (int32_t)(ticket & closed);
      if (task >= tasks) return ticket;
      if (!atomic_compare_exchange_weak(&pool->ticket, &ticket, ticket + 1)) continue;
      function(argument, task, pool->scratch[index]);
      if (atomic_fetch_add(&pool->done, 1) + 1 == tasks && atomic_load(&pool->waiting)) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_signal(&pool->finished);
        pthread_mutex_unlock(&pool->mutex);
      }
      break;
    }
  }
}

static void *worker_main(void *given) {
  struct worker worker = *(struct worker *)given;
  free(given);
  struct pool *pool = worker.pool;
  while (!atomic_load(&pool->stopping)) {
    uint64_t seen = work(pool, worker.index);
    int32_t spin = 0;
    while (atomic_load(&pool->ticket) == seen && spin++ < spins) relax();
    if (spin < spins) continue;
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleeping, 1);
    while (atomic_load(&pool->ticket) == seen && !atomic_load(&pool->stopping)) pthread_cond_wait(&pool->work, &pool->mutex);
    atomic_fetch_sub(&pool->sleeping, 1);
    pthread_mutex_unlock(&pool->mutex);
  }
  return 0;
}

static void launch(struct pool *pool, task_function *function, const void *argument, int32_t tasks) {
  if (tasks == 1 || pool->threads == 1) {
    for (int32_t task = 0; task < tasks; task++) function(argument, task, pool->scratch[0]);
    return;
  }
  uint64_t generation = (atomic_load(&pool->ticket) >> 32) + 1;
  atomic_store(&pool->ticket, generation << 32 | closed);
  atomic_store(&pool->function, function);
  atomic_store(&pool->argument, argument);
  atomic_store(&pool->tasks, tasks);
  atomic_store(&pool->done, 0);
  atomic_store(&pool->ticket, generation << 32);
  if (atomic_load(&pool->sleeping) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
  }
  work(pool, 0);
  for (int32_t spin = 0; atomic_load(&pool->done) < tasks && spin < spins; spin++) relax();
  if (atomic_load(&pool->done) == tasks) return;
  pthread_mutex_lock(&pool->mutex);
  atomic_store(&pool->waiting, 1);
  while (atomic_load(&pool->done) < tasks) pthread_cond_wait(&pool->finished, &pool->mutex);
  atomic_store(&pool->waiting, 0);
  pthread_mutex_unlock(&pool->mutex);
}

/* Makes every thread's scratch memory at least so large. Only called between launches, when no thread uses its scratch. */
static int32_t reserve(struct pool *pool, int64_t bytes) {
  if (bytes <= pool->scratch_bytes) return 0;
  for (int32_t thread = 0; thread < pool->threads; thread++) {
    void *memory;
    if (posix_memalign(&memory, 64, (size_t)bytes) != 0) return 1;
    free(pool->scratch[thread]);
    pool->scratch[thread] = memory;
  }
  pool->scratch_bytes = bytes;
  return 0;
}

void pool_destroy(struct pool *pool) {
  atomic_store(&pool->stopping, 1);
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->work);
  pthread_mutex_unlock(&pool->mutex);
  atomic_fetch_add(&pool->ticket, (uint64_t)1 << 32);
  for (int32_t thread = 1; thread < pool->threads; thread++) pthread_join(pool->handles[thread], 0);
  for (int32_t thread = 0; thread < pool->threads; thread++) free(pool->scratch[thread]);
  free(pool->scratch);
  free(pool->handles);
  free(pool);
}

/* A pool of the calling thread and threads - 1 others, or fewer where the system refuses to make them; null without memory. */
struct pool *pool_create(int32_t threads) {
  struct pool *pool = 0;
  if (posix_memalign((void **)&pool, 64, sizeof *pool) != 0) return 0;
  *pool = (struct pool){.launch = launch, .reserve = reserve, .threads = 1, .ticket = closed};
  pool->handles = calloc((size_t)threads, sizeof *pool->handles);
  pool->scratch = calloc((size_t)threads, sizeof *pool->scratch);
  if (!pool->handles || !pool->scratch) return 0;
  pthread_mutex_init(&pool->mutex, 0);
  pthread_cond_init(&pool->work, 0);
  pthread_cond_init(&pool->finished, 0);
  for (int32_t index = 1; index < threads; index++) {
    struct worker *worker = malloc(sizeof *worker);
    if (!worker) break;
    *worker = (struct worker){pool, index};
    if (pthread_create(&pool->handles[index], 0, worker_main, worker) != 0) {
      free(worker);
      break;
    }
    pool->threads++;
  }
  return pool;
}

int32_t pool_threads(struct pool *pool) { return pool->threads; }

/* Asks for large pages where the system has them on request: fewer faults when memory is new, fewer misses of addresses later. */
void pool_advise(void *start, int64_t bytes) {
#ifdef MADV_HUGEPAGE
  const uintptr_t page = (uintptr_t)1 << 12;
  uintptr_t from = ((uintptr_t)start + page - 1) & ~(page - 1);
  uintptr_t to = ((uintptr_t)start + (uintptr_t)bytes) & ~(page - 1);
  if (to > from) madvise((void *)from, to - from, MADV_HUGEPAGE);
#else
  (void)start, (void)bytes;
#endif
}

int32_t pool_run(struct pool *pool, int32_t (*entry)(void *const *slots, struct pool *pool), void *const *slots) {
  return entry(slots, pool);
}
`;
