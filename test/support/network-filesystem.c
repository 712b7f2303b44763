/* Preloaded by a test: the filesystem of every folder is NFS. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/statfs.h>
#include <sys/vfs.h>

#define NFS_SUPER_MAGIC 0x6969

int statfs(const char *path, struct statfs *found) {
  int (*real)(const char *, struct statfs *) = dlsym(RTLD_NEXT, "statfs");
  int result = real(path, found);
  if (result == 0) found->f_type = NFS_SUPER_MAGIC;
  return result;
}

int statfs64(const char *path, struct statfs64 *found) {
  int (*real)(const char *, struct statfs64 *) = dlsym(RTLD_NEXT, "statfs64");
  int result = real(path, found);
  if (result == 0) found->f_type = NFS_SUPER_MAGIC;
  return result;
}
