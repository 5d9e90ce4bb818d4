/* towl.h: read towl files and stores from any language. Link with -ltowl_c.
 *
 *     char *error = NULL;
 *     towl_store *store = towl_open("/var/lib/towl", &error);
 *     towl_query_options options = TOWL_QUERY_OPTIONS_INIT;
 *     options.query = "level:error timeout";
 *     struct ArrowArrayStream stream;
 *     if (store == NULL || towl_query(store, &options, &stream, &error) != TOWL_OK) { puts(error); towl_free(error); }
 *     struct ArrowArray batch;                 // columns: stream.get_schema
 *     while (stream.get_next(&stream, &batch) == 0 && batch.release != NULL) { ...; batch.release(&batch); }
 *     stream.release(&stream);
 *     towl_close(store);
 *
 * Results are Arrow, by the Arrow C stream interface (https://arrow.apache.org/docs/format/CStreamInterface.html), whose
 * structures are below: Arrow itself is not needed, and most libraries of data frames take the stream as it is.
 *
 * Stable: what is here keeps its meaning; what is added has a newer version of its symbol (TOWL_1.0 …). Structures grow at
 * their end, and say their size. Nothing throws, exits or prints.
 * Threads: calls about different stores may run at once; about one store, and about one stream, one at a time. A stream
 * outlives its store.
 */
#ifndef TOWL_H
#define TOWL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

#endif /* ARROW_C_STREAM_INTERFACE */

/* What a function returns that can fail; more may be added. */
enum {
  TOWL_OK = 0,
  TOWL_INVALID = 1,      /* A query that is none, an unknown option: the text says where. */
  TOWL_NOT_FOUND = 2,    /* No such file or folder. */
  TOWL_NO_ACCESS = 3,    /* The operating system refused. */
  TOWL_DAMAGED = 4,      /* No towl file, or a damaged one. */
  TOWL_FAILED = 5        /* Anything else. */
};

typedef struct towl_store towl_store;

typedef struct towl_query_options {
  size_t size;             /* sizeof(towl_query_options), as TOWL_QUERY_OPTIONS_INIT sets it. */
  const char *query;       /* In the query language (spec/query.md), without pipes. NULL or "": all. */
  const char *since;       /* "-1h", "2026-01-17 14:30", RFC 3339, "@EPOCH" …; NULL: from the first. */
  const char *until;       /* Before this. */
  const char *columns;     /* Names with commas between: time, time_ns, received, received_ns, sender, level, message,
                              identifier, unit, fields, title, org, file_id, file_uuid, ordinal, or any field. NULL: time,
                              sender, level, message, fields, file_uuid, ordinal. */
  uint32_t threads;        /* 0: as many as there are cores. */
  uint32_t batch_rows;     /* Rows of a batch at most; 0: 65,536. */
  uint64_t limit;          /* So many entries are enough; 0: all. */
  uint32_t binary;         /* 0: texts are large_utf8, with U+FFFD for each byte that is not UTF-8. 1: large_binary, the bytes. */
  uint32_t reserved;       /* 0 */
} towl_query_options;

#define TOWL_QUERY_OPTIONS_INIT { sizeof(towl_query_options), NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0 }

/* The version of the library: "0.1.0". */
const char *towl_version(void);

/* Opens a store or mirror (a folder) or one towl file. NULL on an error, and its text in *error: towl_free() it. */
towl_store *towl_open(const char *path, char **error);

/* Frees the store. NULL is allowed. */
void towl_close(towl_store *store);

/* How many files there are now; -1 on an error. */
int64_t towl_file_count(towl_store *store, char **error);

/* Asks, and gives the answer as a stream, which is to be released: entries in the order of files and ordinals. What cannot be
 * read of a file ends no stream: see towl_losses(). `options` may be NULL. Times: timestamp[ns, UTC]. get_next() returns
 * EINVAL or EIO on an error, and get_last_error() its text. */
int towl_query(towl_store *store, const towl_query_options *options, struct ArrowArrayStream *out, char **error);

/* Of a stream of towl_query(): what could not be read so far, a line each; NULL: nothing. towl_free() it. */
char *towl_losses(const struct ArrowArrayStream *stream);

/* Frees a text that was given. NULL is allowed. */
void towl_free(char *text);

#ifdef __cplusplus
}
#endif

#endif /* TOWL_H */
