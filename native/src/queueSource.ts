/**
 * The queue of programs, as C: JavaScript pushes, one thread of ours runs what was pushed, in order, with the pool. Both
 * sleep when there is nothing to do. `completed` counts the jobs that are done and is read by JavaScript as it is; who
 * wants to be told of a ticket without waiting writes it down in `wanted`, and finds a byte in a pipe.
 */
export const queueSource = `
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef int32_t run_function(void *const *slots, struct pool *pool);

enum { jobs_at_most = 256, idle_spins = 200 };

struct job {
  run_function *run; /* null: a copy */
  void **slots;
  int32_t capacity;
  char *to;
  const char *from;
  int64_t bytes;
};

struct queue {
  /* These are known to JavaScript, as 32-bit words. */
  _Atomic uint32_t completed;
  int32_t status[jobs_at_most]; /* by ticket: what the program returned */

  _Alignas(64) _Atomic uint32_t pushed;
  _Atomic uint32_t wanted;
  _Atomic int32_t wanting;
  _Atomic int32_t sleeping;
  _Atomic int32_t waiting;
  _Atomic int32_t stopping;
  struct pool *pool;
  int32_t pipe[2];
  pthread_t thread;
  pthread_mutex_t mutex;
  pthread_cond_t work;
  pthread_cond_t done;
  struct job jobs[jobs_at_most];
};

static int reached(struct queue *queue, uint32_t ticket) {
  return (int32_t)(atomic_load(&queue->completed) - ticket) >= 0;
}

/* Tells JavaScript, once, that the ticket it wants is done. */
static void tell(struct queue *queue) {
  int32_t wanting = 1;
  if (!atomic_load(&queue->wanting) || !reached(queue, atomic_load(&queue->wanted))) return;
  if (!atomic_compare_exchange_strong(&queue->wanting, &wanting, 0)) return;
  char byte = 1;
  while (write(queue->pipe[1], &byte, 1) < 0 && errno == EINTR) {}
}

static void *queue_main(void *given) {
  struct queue *queue = given;
  for (;;) {
    uint32_t ticket = atomic_load(&queue->completed);
    for (int32_t spin = 0; atomic_load(&queue->pushed) == ticket && spin < idle_spins; spin++) relax();
    if (atomic_load(&queue->pushed) == ticket) {
      pthread_mutex_lock(&queue->mutex);
      atomic_store(&queue->sleeping, 1);
      while (atomic_load(&queue->pushed) == ticket && !atomic_load(&queue->stopping)) pthread_cond_wait(&queue->work, &queue->mutex);
      atomic_store(&queue->sleeping, 0);
      pthread_mutex_unlock(&queue->mutex);
    }
    if (atomic_load(&queue->stopping)) return 0;
    struct job *job = &queue->jobs[ticket % jobs_at_most];
    int32_t status = 0;
    if (job->run) status = job->run(job->slots, queue->pool);
    else memcpy(job->to, job->from, (size_t)job->bytes);
    queue->status[ticket % jobs_at_most] = status;
    atomic_store(&queue->completed, ticket + 1);
    tell(queue);
    if (atomic_load(&queue->waiting)) {
      pthread_mutex_lock(&queue->mutex);
      pthread_cond_broadcast(&queue->done);
      pthread_mutex_unlock(&queue->mutex);
    }
  }
}

/* Waits until all jobs before \`ticket\` are done. */
void queue_wait(struct queue *queue, uint32_t ticket) {
  for (int32_t spin = 0; !reached(queue, ticket) && spin < spins; spin++) relax();
  if (reached(queue, ticket)) return;
  pthread_mutex_lock(&queue->mutex);
  atomic_store(&queue->waiting, 1);
  while (!reached(queue, ticket)) pthread_cond_wait(&queue->done, &queue->mutex);
  atomic_store(&queue->waiting, 0);
  pthread_mutex_unlock(&queue->mutex);
}

/* A free job; who is too far ahead waits for one. */
static struct job *next_job(struct queue *queue) {
  uint32_t ticket = atomic_load(&queue->pushed);
  queue_wait(queue, ticket - (jobs_at_most - 1));
  return &queue->jobs[ticket % jobs_at_most];
}

static uint32_t publish(struct queue *queue) {
  uint32_t ticket = atomic_fetch_add(&queue->pushed, 1) + 1;
  if (atomic_load(&queue->sleeping)) {
    pthread_mutex_lock(&queue->mutex);
    pthread_cond_signal(&queue->work);
    pthread_mutex_unlock(&queue->mutex);
  }
  return ticket;
}

/* Pushes a run; the table of slots is copied. Gives the ticket that is reached when it is done; the one before without memory. */
uint32_t queue_push(struct queue *queue, run_function *run, void *const *slots, int32_t count) {
  struct job *job = next_job(queue);
  if (job->capacity < count) {
    void **larger = realloc(job->slots, (size_t)count * sizeof *larger);
    if (!larger) return atomic_load(&queue->pushed);
    job->slots = larger;
    job->capacity = count;
  }
  memcpy(job->slots, slots, (size_t)count * sizeof *slots);
  job->run = run;
  return publish(queue);
}

uint32_t queue_copy(struct queue *queue, void *to, const void *from, int64_t bytes) {
  struct job *job = next_job(queue);
  job->run = 0;
  job->to = to;
  job->from = from;
  job->bytes = bytes;
  return publish(queue);
}

/* Asks for a byte in the pipe when \`ticket\` is reached. */
void queue_want(struct queue *queue, uint32_t ticket) {
  atomic_store(&queue->wanted, ticket);
  atomic_store(&queue->wanting, 1);
  tell(queue);
}

int32_t queue_descriptor(struct queue *queue) { return queue->pipe[0]; }

void queue_drain(struct queue *queue) {
  char bytes[64];
  while (read(queue->pipe[0], bytes, sizeof bytes) > 0) {}
}

/* Ends the thread after the job that it runs; later jobs are forgotten. */
void queue_destroy(struct queue *queue) {
  pthread_mutex_lock(&queue->mutex);
  atomic_store(&queue->stopping, 1);
  pthread_cond_signal(&queue->work);
  pthread_mutex_unlock(&queue->mutex);
  pthread_join(queue->thread, 0);
  close(queue->pipe[0]);
  close(queue->pipe[1]);
  for (int32_t index = 0; index < jobs_at_most; index++) free(queue->jobs[index].slots);
  free(queue);
}

/* A queue whose thread is the pool's first; null without memory. */
struct queue *queue_create(struct pool *pool) {
  struct queue *queue = 0;
  if (posix_memalign((void **)&queue, 64, sizeof *queue) != 0) return 0;
  memset(queue, 0, sizeof *queue);
  queue->pool = pool;
  pthread_mutex_init(&queue->mutex, 0);
  pthread_cond_init(&queue->work, 0);
  pthread_cond_init(&queue->done, 0);
  if (pipe(queue->pipe) != 0) {
    free(queue);
    return 0;
  }
  for (int32_t end = 0; end < 2; end++) {
    fcntl(queue->pipe[end], F_SETFL, O_NONBLOCK);
    fcntl(queue->pipe[end], F_SETFD, FD_CLOEXEC);
  }
  if (pthread_create(&queue->thread, 0, queue_main, queue) != 0) {
    close(queue->pipe[0]);
    close(queue->pipe[1]);
    free(queue);
    return 0;
  }
  return queue;
}
`;
