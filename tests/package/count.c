/* Counts the entries of a store, from C: count STORE */
#include <stdio.h>
#include <towl.h>

int main(int argc, char **argv) {
  char *error = NULL;
  towl_store *store = argc == 2 ? towl_open(argv[1], &error) : NULL;
  towl_query_options options = TOWL_QUERY_OPTIONS_INIT;
  struct ArrowArrayStream stream;
  if (store == NULL || towl_query(store, &options, &stream, &error) != TOWL_OK) {
    fprintf(stderr, "%s\n", error == NULL ? "usage: count STORE" : error);
    towl_free(error);
    towl_close(store);
    return 1;
  }
  towl_close(store);
  long long entries = 0;
  struct ArrowArray batch;
  while (stream.get_next(&stream, &batch) == 0 && batch.release != NULL) {
    entries += batch.length;
    batch.release(&batch);
  }
  stream.release(&stream);
  printf("%lld entries\n", entries);
  return 0;
}
