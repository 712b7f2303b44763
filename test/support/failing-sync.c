/* Preloaded by a test: one sync answers EIO when a file, named by HOLDFAST_TEST_FAIL_FLAG, names the call. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int meant(const char *call) {
  const char *flag = getenv("HOLDFAST_TEST_FAIL_FLAG");
  if (flag == NULL) return 0;
  int fd = open(flag, O_RDONLY);
  if (fd < 0) return 0;
  char text[32] = {0};
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0 || strcmp(text, call) != 0) return 0;
  /* Whoever takes the flag away is the one that fails. */
  return unlink(flag) == 0;
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
