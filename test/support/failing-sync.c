/*
 * Preloaded by a test: one sync answers EIO when a file, named by HOLDFAST_TEST_FAIL_FLAG, names the call. A
 * number behind the name lets as many go by first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static int decide(const char *call) {
  const char *flag = getenv("HOLDFAST_TEST_FAIL_FLAG");
  if (flag == NULL) return 0;
  int fd = open(flag, O_RDWR);
  if (fd < 0) return 0;
  char text[32] = {0}, name[32] = {0};
  int before = 0;
  ssize_t length = read(fd, text, sizeof text - 1);
  int found = length > 0 && sscanf(text, "%31s %d", name, &before) >= 1 && strcmp(name, call) == 0;
  if (found && before > 0) {
    int written = snprintf(text, sizeof text, "%s %d", name, before - 1);
    if (pwrite(fd, text, written, 0) != written || ftruncate(fd, written) != 0) abort();
  }
  close(fd);
  if (!found || before > 0) return 0;
  /* Whoever takes the flag away is the one that fails. */
  return unlink(flag) == 0;
}

static int meant(const char *call) {
  pthread_mutex_lock(&turn);
  int fails = decide(call);
  pthread_mutex_unlock(&turn);
  return fails;
}

int fsync(int fd) {
  if (meant("fsync")) {
    errno = EIO;
    return -1;
  }
  static int (*next)(int);
  if (next == NULL) next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  return next(fd);
}

int fdatasync(int fd) {
  if (meant("fdatasync")) {
    errno = EIO;
    return -1;
  }
  static int (*next)(int);
  if (next == NULL) next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return next(fd);
}
