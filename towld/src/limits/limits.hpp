// What the collector bounds, and how often it does what it does again and again: each with its reason. What can be
// configured is named with its key; its default stands with the settings that it belongs to.
//
// Names say the unit, unless they are durations.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "towl/time.hpp"

namespace towld {

// ---- The program

/// What a configuration may have, aliases written out: the largest has some thousands of values, and is ten deep.
inline constexpr std::size_t kMaxConfigValues = 1'000'000;
inline constexpr int kMaxConfigDepth = 64;

/// Threads that read the disk for pulls: one reads while another waits.
inline constexpr std::size_t kPullThreads = 2;

/// Streams that make no progress are looked for this often.
inline constexpr auto kProgressCheckEvery = std::chrono::seconds(5);
/// Once so many connections and streams have ended, memory is given back: it takes milliseconds.
inline constexpr std::size_t kTrimAfterEnds = 64;

/// And once so much more is free than was when it was last done.
inline constexpr std::size_t kTrimAfterBytes = std::size_t{32} << 20;

// After a start: what only the start needed is no longer needed, and what waited for it has been served.
inline constexpr auto kSettledAfter = std::chrono::seconds(2);

/// What inputs and outputs did is logged this often.
inline constexpr auto kReportEvery = std::chrono::minutes(1);

/// Streams are given this long to end by themselves.
inline constexpr auto kStopPatience = std::chrono::seconds(5);

/// What is left then are clients that say nothing, and do not hear that they should go.
inline constexpr auto kStopHurry = std::chrono::milliseconds(300);

/// After a batch could not be stored, the collector is not ready for so long, unless another one is stored: it may be
/// that nobody tries because it is not ready.
inline constexpr std::int64_t kFailureCountsNs = 10 * towl::kNanosecondsPerSecond;

/// What a person reads, and what the start of many inputs has to say.
inline constexpr double kLogMessagesASecond = 10;

/// The same, at once.
inline constexpr double kLogMessagesAtOnce = 1000;

/// Longer ones are not compared: the distance costs their product.
inline constexpr std::size_t kMaxComparedKeyBytes = 100;

// ---- Who may do what

/// An agent, a program or a person each.
inline constexpr std::size_t kMaxTokens = 10'000;

/// Names are for people.
inline constexpr std::size_t kMaxTokenNameBytes = 64;

/// Room for as many, with a few titles each.
inline constexpr std::size_t kMaxTokensFileBytes = std::size_t{8} << 20;

/// A peer may show so many bad tokens at once: a fleet with a token that was revoked comes from one address.
inline constexpr double kAccessFailuresAtOnce = 20;

/// And then one in this time.
inline constexpr auto kAccessFailureEvery = std::chrono::milliseconds(500);

/// Peers whose failures are counted.
inline constexpr std::size_t kMaxFailingPeers = 4'096;

/// A revoked token must be refused within a second.
inline constexpr auto kAccessRefreshEvery = std::chrono::milliseconds(250);

/// Certificates are looked at again this often.
inline constexpr auto kTlsRefreshEvery = std::chrono::seconds(2);

/// A chain of certificates has a few thousand bytes; a bundle of CAs a few hundred thousand.
inline constexpr std::size_t kMaxPemBytes = std::size_t{1} << 20;

/// `towld init --agent` waits so long for each step.
inline constexpr int kFetchCaSeconds = 10;

/// RFC 1035, 2.3.4.
inline constexpr std::size_t kMaxHostNameBytes = 253;

/// What `towld init` makes. The CA is the site's for long; a server's certificate is renewed by running it again.
inline constexpr long kCaDays = 3650;
inline constexpr long kServerCertificateDays = 730;

// ---- Storing

/// Inputs stop reading while this much waits to be stored. A thousandth of a second's work at 16 GB/s, a few at the
/// speed of disks: more would only make acknowledgements later.
inline constexpr std::size_t kMaxQueuedBytes = std::size_t{16} << 20;

/// At most about this much is committed at once, so that the first batch of a group does not wait long.
inline constexpr std::size_t kMaxGroupBytes = std::size_t{4} << 20;

/// StoreWriter::tick() wants to be called this often.
inline constexpr auto kStoreTick = std::chrono::milliseconds(500);

/// Retention runs this often, and when a file is closed.
inline constexpr auto kRetainEvery = std::chrono::seconds(60);

/// Entries are hashed for signed heads this often: little is left to do when a head is due or a file is closed.
inline constexpr auto kHashHeadsEvery = std::chrono::seconds(1);

/// The writer's thread answers between two groups; if it does not in this time, it is stopping.
inline constexpr auto kHeadPatience = std::chrono::seconds(30);

/// A file that could not be sealed, e.g. for lack of room, is tried again after this at first.
inline constexpr std::chrono::milliseconds kFirstSealPause = std::chrono::seconds(1);

/// And at last this: a try costs the reading of a whole file.
inline constexpr std::chrono::milliseconds kLongestSealPause = std::chrono::minutes(1);

/// Of sealed files without a filter, so many bytes of text are read before the next look for files to seal: a few
/// seconds of work.
inline constexpr std::uint64_t kFilteredAtOnceBytes = std::uint64_t{1} << 30;

/// That the system's clock is not believed is logged when it begins, and this often while it lasts.
inline constexpr auto kTellClockGapEvery = std::chrono::hours(1);

/// `store.durability: interval`: at most so much is lost to a power cut.
inline constexpr auto kSyncInterval = std::chrono::seconds(1);

/// The same while somebody follows: only what is durable is shown, and should be soon.
inline constexpr auto kSyncIntervalFollowed = std::chrono::milliseconds(20);

/// Enough for the hosts of a site; each takes about 60 bytes in every file of the store.
inline constexpr std::size_t kMaxProducers = 2'000;

/// And of one token: one that invents them forgets its own, not those of others.
inline constexpr std::size_t kMaxProducersAToken = 500;

/// A producer counts its batches: a jump further than this from one that is known is a mistake, or somebody who wants
/// its next batches to be taken for duplicates.
inline constexpr std::uint64_t kMaxSequenceJump = std::uint64_t{1} << 20;

/// Stores that push here: each is remembered, by about 100 bytes in every file. Of one token, and in all; a newcomer takes
/// the place of one that was not seen for `limits.store_unseen_time`, or is refused.
inline constexpr std::size_t kMaxPushingStoresAToken = 1'000;
inline constexpr std::size_t kMaxPushingStores = 10'000;

/// An agent that comes back later than this, to a collector that needed its place, sends again what it still has.
inline constexpr auto kStoreUnseenTime = std::chrono::hours(24 * 90);

/// Agents come back within this after the collector's start: until then nobody's place is taken.
inline constexpr auto kStoresComeBackIn = std::chrono::hours(1);

/// The IDs of a store's files count upwards, some are removed before they are pushed.
inline constexpr std::uint64_t kMaxFileJump = std::uint64_t{1} << 20;

/// Stores that an entry may have come through; so many are told to the next one.
inline constexpr std::size_t kMaxUpstreams = 20'000;

/// A piece becomes one frame of this store.
inline constexpr std::size_t kPushedPieceBytes = std::size_t{60} << 10;

/// What one message of a push may become once it is unpacked, with what entries cost in memory: a chunk has up to
/// 8 MiB and a frame (libtowl/mirror/src/frame_feed.cpp).
inline constexpr std::uint64_t kMaxPushedBytes = std::uint64_t{24} << 20;

/// While so much waits to be stored, a message of a push is refused, to be sent again: many agents at once.
inline constexpr std::size_t kMaxQueuedPushedBytes = std::size_t{128} << 20;

/// And no more entries than a frame should have.
inline constexpr std::size_t kPushedPieceEntries = 8'192;

/// What was rejected is kept up to here: a few days of mistakes, or one flood.
inline constexpr std::uint64_t kRejectedStoreBytes = std::uint64_t{64} << 20;

/// Of one request or entry: enough to see what is wrong with it.
inline constexpr std::size_t kRejectedBytes = std::size_t{256} << 10;

/// What is rejected faster than it can be written is not kept beyond this.
inline constexpr std::size_t kRejectedInFlightBytes = std::size_t{4} << 20;

// ---- gRPC

/// A message has its entries, of up to `limits.request_bytes`, and so much more.
inline constexpr int kMessageRoomBytes = 64 << 10;

/// What gRPC may hold for all calls together; beyond it, it slows its peers down.
inline constexpr std::size_t kRpcQuotaBytes = std::size_t{64} << 20;

/// And so much more for each connection that may be there: gRPC 1.51 counts 8 to 10 KiB for an idle one, and many that
/// do nothing would slow down the others.
inline constexpr std::size_t kRpcConnectionBytes = std::size_t{12} << 10;

/// After a failed accept, most likely because all descriptors are in use.
inline constexpr std::chrono::milliseconds kRpcAcceptPause = std::chrono::milliseconds(100);

/// That connections are refused is logged this often at most.
inline constexpr auto kRpcWarnEvery = std::chrono::seconds(60);

/// If there seem to be too many connections, it is checked this often at most whether some have ended.
inline constexpr auto kRpcLookForEndedEvery = std::chrono::milliseconds(100);

/// Of the descriptors that the process may have, connections leave so many to the store and the inputs.
inline constexpr std::size_t kReservedDescriptors = 128;

/// Calls of one connection at a time: `towlctl sync --jobs` and a few more.
inline constexpr int kMaxStreamsAConnection = 128;

/// Headers of one call, a token among them.
inline constexpr int kMaxMetadataBytes = 8 << 10;

/// What of one stream may wait to be stored. Messages are at most 4 MiB: one more can be in hand.
inline constexpr std::size_t kMaxStreamBytes = std::size_t{1} << 20;

/// A store's identity is a UUID; agents are remembered by it.
inline constexpr std::size_t kMaxIdentityBytes = 64;

/// Acknowledgements that the client does not take.
inline constexpr std::size_t kMaxUntakenResponses = 1000;

/// Producers choose their IDs, usually a UUID; the collector remembers them.
inline constexpr std::size_t kMaxProducerIdBytes = 128;

/// Empty entries take two bytes each: a batch of 4 MiB would have two million, and take a hundred times its size.
inline constexpr int kMaxBatchEntries = 65'536;

/// What an entry costs in memory in addition to its text: the message's parts and the view.
inline constexpr std::size_t kMessageEntryOverheadBytes = 160;

/// Append streams at a time: an agent or a program each.
inline constexpr std::size_t kMaxAppends = 4096;

/// Pulls at a time that end: each has its part of kPullBudgetBytes.
inline constexpr std::size_t kMaxPulls = 512;

/// Pulls that follow: most of the time one waits, and costs 20 KB.
inline constexpr std::size_t kMaxFollowers = 4096;

/// Push streams at a time: an agent each.
inline constexpr std::size_t kMaxPushes = 4096;

/// A pull whose client takes nothing is cut off so much sooner if others wait for memory that it holds.
inline constexpr int kPullHurry = 12;

/// A first message that gRPC could not hand on for so long is stuck; if the client has read before, after so many times
/// that. If others wait, such messages have a quarter of the memory at most; looked at so often.
inline constexpr auto kPullStuckAfter = std::chrono::milliseconds(250);
inline constexpr int kPatienceWithPullReaders = 8;
inline constexpr auto kPullLookForStuckEvery = std::chrono::milliseconds(250);

/// Requests of OTLP by gRPC at a time, and what of them waits to be taken and stored: a request has up to 4 MiB.
inline constexpr std::size_t kMaxExports = 1024;
inline constexpr std::size_t kMaxExportedBytes = std::size_t{64} << 20;

/// With titles as long as they may be, an answer is still below the 4 MiB that clients take by default.
inline constexpr std::uint32_t kMaxPageSize = 2000;

/// One message of a pull: larger was not faster, and a slow client holds it.
inline constexpr std::size_t kMaxChunkBytes = std::size_t{1} << 20;

/// The same if the budget is short: each of as many pulls as one peer may have gets one at a time.
inline constexpr std::size_t kMinChunkBytes = std::size_t{16} << 10;

/// HTTP/2's first window, of 64 KiB, takes what the client may never read: a client that took more reads. Until then
/// messages are small.
inline constexpr std::size_t kPullProofBytes = std::size_t{128} << 10;
inline constexpr std::size_t kFirstPullChunkBytes = 2 * kMinChunkBytes;

/// What messages of all pulls together may hold.
inline constexpr std::size_t kPullBudgetBytes = std::size_t{16} << 20;

// ---- HTTP

/// Of one request. The shortest entry is two bytes, and costs eighty while it waits.
inline constexpr std::size_t kMaxEntriesARequest = 200'000;

/// What one HTTP client, and all together, may cost. Tests have smaller ones.
struct HttpLimits {
  /// Request line and headers: what other servers take.
  std::size_t header_bytes = std::size_t{8} << 10;
  /// As stored: a batch of some ten thousand entries, and four times the largest one.
  std::size_t body_bytes = std::size_t{4} << 20;
  /// The same decompressed: logs compress to a tenth, and a bomb must not grow memory.
  std::size_t decompressed_bytes = std::size_t{16} << 20;
  std::uint64_t entries = kMaxEntriesARequest;
  /// The bodies of all connections together that are not answered yet; above it, 503. Small ones are not counted: a few
  /// clients with large bodies must not keep all others out.
  std::size_t all_bodies_bytes = std::size_t{64} << 20;
  std::size_t small_body_bytes = std::size_t{4} << 10;
  std::size_t connections = 4096;
  /// One peer locks nobody out.
  std::size_t connections_of_peer = 3072;
  /// A request's header must be there so long after its first byte: an attack is to send one byte every few seconds.
  std::chrono::milliseconds header_time{10'000};
  /// A body must bring `progress_bytes` more, or its end, in this time.
  std::chrono::milliseconds body_time{10'000};
  std::size_t progress_bytes = std::size_t{32} << 10;
  /// Between requests.
  std::chrono::milliseconds idle_time{60'000};
  /// A request waits for room in the queue no longer: its client is better told to come again.
  std::chrono::milliseconds room_time{10'000};
  /// So much more of an answer, or its end, must be taken in this time.
  std::chrono::milliseconds write_time{30'000};
  /// After an answer that closes, so long and so much is still read and dropped: closing at once would reset the
  /// connection, and the client might not see the answer.
  std::chrono::milliseconds linger_time{5'000};
  /// A body that is sent bit by bit says something this often, so that both ends and what is between them notice a
  /// connection that is gone.
  std::chrono::milliseconds heartbeat_time{15'000};
  std::size_t linger_bytes = std::size_t{64} << 20;
};

/// A connection reads so often before others have their turn.
inline constexpr int kHttpReadsATurn = 4;

/// What an idle session keeps of the memory for input and output.
inline constexpr std::size_t kHttpKeptBytes = std::size_t{1} << 10;

/// A chunk's size and extensions, and trailers.
inline constexpr std::size_t kMaxChunkHeaderBytes = std::size_t{8} << 10;

/// Of one chunk: there is no use for any; and of a request.
inline constexpr std::size_t kMaxChunkExtensionBytes = 256;
inline constexpr std::size_t kMaxChunkExtensionsBytes = std::size_t{16} << 10;

/// `Retry-After` of 429 and 503: a queue is empty again sooner.
inline constexpr unsigned kRetryAfterSeconds = 1;

/// Connections above the limit that are told so at a time; others are closed without a word.
inline constexpr std::size_t kHttpRefusedAtOnce = 64;

/// After a failed accept, most likely because all descriptors are in use.
inline constexpr auto kHttpAcceptPause = std::chrono::milliseconds(100);

/// That connections are refused is logged this often at most.
inline constexpr auto kHttpWarnEvery = std::chrono::seconds(60);

/// Reserved for a body at once, whatever its length is said to be.
inline constexpr std::uint64_t kHttpReservedBytes = std::uint64_t{16} << 10;

/// A body is unpacked in steps of this size, so that a bomb is noticed before it has its room.
inline constexpr std::size_t kGunzipStepBytes = std::size_t{256} << 10;

/// Larger bodies are parsed off the loop: JSON takes about 3 ms a megabyte, and others would wait. Smaller ones cost
/// a tenth more there than on the loop.
inline constexpr std::size_t kParseOnLoopBytes = std::size_t{256} << 10;

/// While it waits for room, the reader of large bodies looks this often whether it is to stop.
inline constexpr auto kReaderLook = std::chrono::milliseconds(50);

/// The same if the body is packed: up to a thousand times as much is parsed then.
inline constexpr std::size_t kParsePackedOnLoopBytes = std::size_t{4} << 10;

/// Of a body that may be of any length, entries are taken once so much of it is there.
inline constexpr std::size_t kHttpPartBytes = std::size_t{1} << 20;

/// Files of one answer of /files, if the client does not say.
inline constexpr std::uint64_t kDefaultListedFiles = 1000;

/// The same, if it says more.
inline constexpr std::uint64_t kMaxListedFiles = 10'000;

/// Files that cannot be read that an answer of /query names.
inline constexpr std::size_t kMaxQueryErrors = 10;

// ---- Queries

/// Questions over HTTP that wait or run: two threads answer them, none for longer than query.max_time.
inline constexpr std::size_t kMaxHttpQueries = 16;

/// Calls of Query at a time. One that waits for its client holds an open file and kQueryAheadBytes.
inline constexpr std::size_t kMaxQueries = 64;

/// Calls of Query that follow, and of /tail: between two rounds each holds its expression and its place.
inline constexpr std::size_t kMaxFollowingQueries = 256;
inline constexpr std::size_t kMaxTails = 256;

/// Of one peer: a browser's tabs, or those of people who share a proxy.
inline constexpr std::size_t kMaxTailsOfAPeer = 64;

/// What of an answer waits for its client: then the search waits, and one message is well below the 4 MiB that clients
/// take by default.
inline constexpr std::size_t kQueryAheadBytes = std::size_t{256} << 10;

/// A follower looks no longer than this at a time: then the next one has its turn.
inline constexpr auto kTailRoundTime = std::chrono::milliseconds(500);

/// Neighbours of an entry.
inline constexpr std::uint64_t kMaxNeighbours = 10'000;

/// Threads that answer queries: query.threads.
inline constexpr std::uint64_t kMaxQueryThreads = 64;

// ---- Inputs

/// Batches of about this size keep frames large and acknowledgements quick. A batch with positions is one frame.
inline constexpr std::size_t kBatchBytes = std::size_t{64} << 10;

/// What an entry costs in memory in addition to its text.
inline constexpr std::size_t kBatchEntryOverheadBytes = 64;

/// Reserved for a batch at once; most are about half as long.
inline constexpr std::size_t kMaxReservedBatchBytes = std::size_t{128} << 10;

/// `max_entry_bytes`: from what a line and its fields need, to what a store takes.
inline constexpr std::size_t kLeastEntryBytes = std::size_t{1} << 10;
inline constexpr std::size_t kMostEntryBytes = std::size_t{16} << 20;

/// What labels, the path and the names of fields may add to an entry that is as large as it may be.
constexpr std::size_t entry_room_bytes(std::size_t max_entry_bytes) { return max_entry_bytes / 16; }

/// So much of a text field that is too large is kept.
inline constexpr std::size_t kCutFieldBytes = std::size_t{4} << 10;

/// So many fields that were cut are named.
inline constexpr std::size_t kMaxNamedCuts = 64;

/// Cutting a text to the limit must leave room for its flag.
inline constexpr std::size_t kCutFlagBytes = 64;

/// What could not be stored is submitted again after this at first.
inline constexpr std::chrono::milliseconds kFirstSubmissionPause = std::chrono::milliseconds(100);

/// And at last this.
inline constexpr std::chrono::milliseconds kLongestSubmissionPause = std::chrono::seconds(5);

/// A pipe holds as much.
inline constexpr std::size_t kStdinReadBytes = std::size_t{64} << 10;

/// A journal that cannot be read is opened again after so long.
inline constexpr auto kJournalReopenAfter = std::chrono::seconds(5);

/// If nothing is noticed, the journal is still looked at now and then: a network's files notify nobody.
inline constexpr auto kJournalLookEvery = std::chrono::seconds(5);

// ---- Inputs of type file

/// More matches than this are not read: a pattern that was not meant. Each costs some memory.
inline constexpr std::size_t kMaxFoundFiles = 100'000;

/// Folders deeper than this below a `**` are not looked into.
inline constexpr std::size_t kMaxFolderDepth = 64;

/// Files that are open at a time, if the process may open so many: the others are opened when they change.
inline constexpr std::size_t kMaxOpenFiles = 400;

/// Ignored matches that are kept for status().
inline constexpr std::size_t kMaxIgnoredFiles = 1000;

/// Positions of files that cannot be found, and whose folder cannot be either (a volume that is not mounted), are kept
/// for so long.
inline constexpr std::int64_t kKeepMissing_s = std::int64_t{30} * 24 * 3600;

/// What is read at once, and at most before other files have their turn. Larger reads were not faster.
inline constexpr std::size_t kFileReadBytes = std::size_t{128} << 10;

/// A line without its end that is shorter than this is read again rather than searched on: one call instead of two.
inline constexpr std::size_t kReadAgainBytes = std::size_t{16} << 10;

/// Entries of a batch: with its bytes (kBatchBytes) these keep frames of an agreeable size.
inline constexpr std::size_t kFileBatchEntries = 1000;

/// Of one file; what a slow disk should have queued of it at most.
inline constexpr std::size_t kMaxFileBytesInFlight = std::size_t{1} << 20;

/// Of all files.
inline constexpr std::size_t kMaxBytesInFlight = std::size_t{8} << 20;

/// A file is recognised by so many bytes before its position, and by its beginning: programs that begin their file
/// again may begin it with the same lines (the settings of a JVM, say).
inline constexpr std::size_t kFileMarkBytes = 1024;

/// Enough for byte order marks and the magic numbers of compressed files.
inline constexpr std::size_t kMinHeadBytes = 16;

/// Compiled patterns are kept this small, however they are written.
inline constexpr std::int64_t kMaxJoinPatternMemory = std::int64_t{8} << 20;

/// A thread that is stuck in a file system must not block those that ask how it is.
inline constexpr auto kStatusPatience = std::chrono::seconds(2);

/// All is looked at this often, for what the kernel does not tell: network file systems, memory-mapped writers.
inline constexpr auto kFullScanEvery = std::chrono::seconds(5);

/// The same if folders or files could not be watched.
inline constexpr auto kFullScanEveryUnwatched = std::chrono::seconds(1);

/// Folders that change all the time are looked at this often at most, and for a tenth of the time at most.
inline constexpr auto kScanPause = std::chrono::milliseconds(5);

/// How much longer a round waits for each file that had less than a batch to read.
inline constexpr auto kPausePerSmallRead = std::chrono::milliseconds(2);

/// And all together no longer than this.
inline constexpr auto kMaxReadPause = std::chrono::milliseconds(20);

/// What could not be stored is tried again after this long, then twice that.
inline constexpr auto kFirstFileRetry = std::chrono::milliseconds(250);

/// And at last this.
inline constexpr auto kLastFileRetry = std::chrono::seconds(5);

/// While nothing may be read, sizes are still looked at this often.
inline constexpr auto kBlockedLook = std::chrono::milliseconds(50);

/// A timer that could not be served is set again.
inline constexpr auto kTimerAgain = std::chrono::milliseconds(50);

// ---- Inputs that listen themselves: syslog, fluent, relp

/// What connections may cost. Tests have smaller ones.
struct StreamLimits {
  /// Longer messages are cut. 0: the limit of an entry.
  std::size_t message_bytes = 0;
  /// All unfinished messages of a listener together; beyond it, the connection that holds most is closed.
  std::size_t held_bytes = std::size_t{32} << 20;
  /// A connection that never sent a whole message is closed after this long; such a client is none.
  std::chrono::seconds first_message = std::chrono::minutes(10);
  /// A message that is not whole so long after its first byte ends its connection, and is stored as it is.
  std::chrono::seconds unfinished = std::chrono::minutes(5);
  /// Syslog clients do not notice that a connection is gone and lose what they send next, so good ones are left alone
  /// for long. A client that vanished is found by keep-alive within minutes.
  std::chrono::seconds idle = std::chrono::hours(24);
  /// If there are too many connections, the one that was idle for longest makes room, if it was so for this long.
  std::chrono::seconds replaceable = std::chrono::seconds(60);
  /// A client that takes no answer for so long is gone.
  std::chrono::seconds untaken = std::chrono::seconds(60);
};

/// What one recvmmsg(2) takes at most. Memory is touched only as far as datagrams reach.
inline constexpr unsigned kDatagramSlots = 64;

/// No datagram over IP is longer.
inline constexpr std::size_t kDatagramSlotBytes = std::size_t{64} << 10;

/// Then it is the turn of timers and other sockets.
inline constexpr int kReceivesInARow = 16;

/// When the input stops: more than the kernel's buffer holds, and an end if somebody keeps sending.
inline constexpr int kLastReceives = 1024;

/// The kernel's count of dropped datagrams is read this often.
inline constexpr auto kDatagramTick = std::chrono::seconds(1);

/// Then it is the others' turn.
inline constexpr int kReadsInARow = 4;

/// One read(2) of a busy connection: larger was not faster.
inline constexpr std::size_t kStreamReadBytes = std::size_t{128} << 10;

/// Then it is the connections' turn.
inline constexpr int kAcceptsInARow = 64;

/// Connections that took too long are looked for this often.
inline constexpr auto kStreamSweepEvery = std::chrono::seconds(1);

/// Until a descriptor may be free.
inline constexpr auto kAcceptAgainAfter = std::chrono::seconds(1);

/// All connections together are given this long to hand over what has arrived.
inline constexpr auto kStreamDrainFor = std::chrono::seconds(1);

/// A count of more digits is a mistake or an attack.
inline constexpr std::size_t kMaxCountDigits = 9;

/// An unfinished message's memory is kept for the next one up to here.
inline constexpr std::size_t kFramerKeptBytes = 4096;

/// Connections that wait to be accepted: clients may all come back at once.
inline constexpr int kListenBacklog = 1024;

/// Bursts of datagrams wait here; the system may allow less (net.core.rmem_max).
inline constexpr int kReceiveBufferBytes = 8 << 20;

/// What could not be stored is tried again after this.
inline constexpr auto kDeliveryRetryEvery = std::chrono::seconds(1);

/// A message of Fluent forward, as it is sent (`max_message_bytes`): Fluent Bit's have up to 2 MiB, fluentd's 8 MiB unless
/// its buffer is configured to have larger chunks.
inline constexpr std::uint64_t kFluentMessageBytes = std::uint64_t{16} << 20;
inline constexpr std::uint64_t kLeastFluentMessageBytes = std::uint64_t{64} << 10;
inline constexpr std::uint64_t kMostFluentMessageBytes = std::uint64_t{256} << 20;

/// Its entries once they are unpacked, in messages' sizes: they compress to a tenth, and it is one at a time.
inline constexpr std::uint64_t kFluentUnpackedTimes = 4;

/// The shortest entry has three bytes, and costs a hundred while it waits.
inline constexpr std::size_t kMaxFluentEntries = 500'000;

/// If so many of a message are none, it is something else.
inline constexpr std::size_t kMaxBadFluentEntries = 100;

/// Records have a few levels; what is nested deeper than the second is no message at all.
inline constexpr std::size_t kMaxFluentDepth = 64;
inline constexpr std::size_t kMaxMessagePackDepth = 1024;

/// Pods whose labels are known: a node runs 110, at most some hundred; the rest are gone ones whose files are still read.
inline constexpr std::size_t kMaxPods = 1024;

/// A label has 63 bytes, an annotation up to 256 KiB: what is that long is for programs. And all of a pod together.
inline constexpr std::size_t kMaxPodFieldBytes = std::size_t{4} << 10;
inline constexpr std::size_t kMaxPodBytes = std::size_t{16} << 10;

/// Pods asked for at once, and what such an answer may have: 20 KB each are many. One pod has 1.5 MiB at most in etcd.
inline constexpr int kPodsOfPage = 250;
inline constexpr std::size_t kMaxPodAnswerBytes = std::size_t{16} << 20;

/// A watch ends after this, and another begins: tokens are read again, and a server that was replaced is left.
inline constexpr std::chrono::seconds kPodWatchTime{240};

/// An API server that is there takes a connection in this time. One that fails is asked again after the first pause, and
/// at last after the longest.
inline constexpr std::chrono::milliseconds kPodConnectTime = std::chrono::seconds(5);
inline constexpr std::chrono::milliseconds kFirstPodPause{500};
inline constexpr std::chrono::milliseconds kLongestPodPause = std::chrono::seconds(30);

/// Files may wait so long for labels (`wait`).
inline constexpr std::chrono::nanoseconds kLongestPodWait = std::chrono::minutes(1);

/// A shared key is a line.
inline constexpr std::size_t kMaxSharedKeyBytes = 4096;

/// Of RELP: numbers of nine digits, and "serverclose" is the longest command.
inline constexpr std::size_t kMaxRelpHeaderBytes = 64;

// ---- Outputs

/// Added before it is written: large enough for few calls, small enough to be there soon.
inline constexpr std::size_t kOutputBufferBytes = std::size_t{64} << 10;

/// What failed is tried again after this at first.
inline constexpr auto kFirstOutputPause = std::chrono::milliseconds(200);

/// And at last this.
inline constexpr auto kLongestOutputPause = std::chrono::seconds(5);

/// The sink's commit and the cursor cost three syncs; so much may be there twice if a sink cannot take back.
inline constexpr auto kOutputCommitEvery = std::chrono::seconds(1);

/// One request of an output that speaks HTTP: what servers take without being asked to take more, towld among them.
inline constexpr std::size_t kWebBatchBytes = std::size_t{1} << 20;

/// An answer to it: Elasticsearch's has about 100 bytes an entry, and more for each that it refuses.
inline constexpr std::size_t kWebAnswerBytes = std::size_t{16} << 20;

/// A connection is made, an answer goes on, a request has ended in this time, or it is tried again.
inline constexpr auto kWebConnectTime = std::chrono::seconds(10);
inline constexpr auto kWebStallTime = std::chrono::seconds(30);
inline constexpr auto kWebWholeTime = std::chrono::minutes(2);

/// Of what a server says about a refusal, so much is logged.
inline constexpr std::size_t kWebReasonBytes = 300;

/// What an entry costs in memory in addition to its text while it waits to be sent.
inline constexpr std::size_t kWebEntryOverheadBytes = 128;

/// Added before it is handed to librdkafka, which makes batches of its own.
inline constexpr std::size_t kKafkaBatchBytes = std::size_t{256} << 10;

/// With `format: otlp` a message is full when less than this is left: an entry seldom has more in addition to its text.
inline constexpr std::size_t kKafkaOtlpRoom = 1024;

/// What may wait in librdkafka to be delivered: half a second's work at 100 MB/s. Beyond it, the store is the buffer.
inline constexpr std::size_t kKafkaQueueBytes = std::size_t{64} << 20;
inline constexpr std::size_t kKafkaQueueMessages = 500'000;

/// A cluster is waited for so long before it is tried again, a transaction's end so long before it is given up. Less
/// than the minute after which the cluster gives it up.
inline constexpr std::chrono::milliseconds kKafkaAnswerTime = std::chrono::seconds(5);
inline constexpr std::chrono::milliseconds kKafkaCommitTime = std::chrono::seconds(10);

/// While librdkafka has no room, it is looked at again after this.
inline constexpr std::chrono::milliseconds kKafkaPoll = std::chrono::milliseconds(20);

/// What librdkafka reads ahead, in all: `read_ahead_bytes`. Once it has that, librdkafka before 2.2 does not ask for more
/// for up to a second: with less than is stored in a second, an input waits rather than works.
inline constexpr std::size_t kKafkaReadAheadBytes = std::size_t{64} << 20;
inline constexpr std::size_t kLeastKafkaReadAheadBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMostKafkaReadAheadBytes = std::size_t{1} << 30;

/// Newer ones ask again after this.
inline constexpr std::chrono::milliseconds kKafkaReadAheadPause = std::chrono::milliseconds(10);

/// Entries that it reads ahead: librdkafka's maximum, since the bytes are what counts.
inline constexpr std::size_t kKafkaReadAheadEntries = 10'000'000;

/// An input looks so often whether it is to stop, or has something to commit.
inline constexpr std::chrono::milliseconds kKafkaLook = std::chrono::milliseconds(100);

/// The group hears so often how far an input is.
inline constexpr std::chrono::milliseconds kKafkaCommitEvery = std::chrono::seconds(1);

/// Before partitions are given up, what was read has so long to be stored: less than the group's patience.
inline constexpr std::chrono::milliseconds kKafkaHandOverTime = std::chrono::seconds(20);

/// Copied into a table at once, and how long the server may take for it.
inline constexpr std::size_t kPostgresCopyBytes = std::size_t{1} << 20;
inline constexpr int kPostgresAnswerMs = 60'000;

/// A part of an upload to an object store: they take 5 MiB at least; it is held in memory.
inline constexpr std::size_t kArchivePartBytes = std::size_t{8} << 20;

/// S3 takes 10,000 of one object.
inline constexpr std::uint64_t kMaxArchiveParts = 9'000;

/// What could not be archived is tried again after this at last.
inline constexpr std::chrono::milliseconds kLongestArchivePause = std::chrono::minutes(1);

/// Whether archived files have grown old is looked at this often.
inline constexpr auto kArchiveTick = std::chrono::seconds(30);

/// A cursor has about 150 bytes; what an output committed is a line.
inline constexpr std::uint64_t kMaxCursorBytes = 4096;

/// File names have 255 bytes (NAME_MAX).
inline constexpr std::size_t kMaxCursorNameBytes = 200;

/// Entries in one transaction of an output of type sqlite, which waits in memory until it is committed.
inline constexpr std::size_t kSqliteBatchEntries = 5000;

// An output of type parquet.

/// A minute is written so long after its end: what happened at its end has come by then, from files and over networks.
inline constexpr auto kParquetGrace = std::chrono::seconds(5);

/// Minutes that have not ended wait for their end, if that is so near; what claims to be of a later time is written at
/// once: the clock of a host that is wrong by a year must not hold anything up.
inline constexpr std::int64_t kParquetHeldMinutes = 2;

/// Entries of one round at most: what was not written for long is written in several.
inline constexpr std::uint64_t kParquetRoundEntries = 8'000'000;

/// Files of one round: each has a name and counters in memory.
inline constexpr std::size_t kParquetRoundFiles = 20'000;

/// Folders of hosts a day: their names come from clients. Later hosts go to the folder +other.
inline constexpr std::size_t kParquetDayHosts = 10'000;

/// A host's folder: of the 255 bytes that a name may have, with room for encoding.
inline constexpr std::size_t kParquetHostBytes = 128;

/// Of DuckDB, in the child. Together with its code, less than 150 MB.
inline constexpr const char* kParquetMemory = "96MiB";

/// If all files of a round together reach over so many times its entries, they are sorted in a table first.
inline constexpr std::uint64_t kParquetPasses = 6;

/// At a stop the child is given so long to write the rest: half of what the unit's TimeoutStopSec gives. What it does not
/// get done is written after the next start.
inline constexpr auto kParquetStopPatience = std::chrono::seconds(30);

/// What the child answers: a line.
inline constexpr std::size_t kParquetAnswerBytes = std::size_t{1} << 20;

/// One message of a push.
inline constexpr std::size_t kPushChunkBytes = std::size_t{256} << 10;

/// Sent and not acknowledged: what a cut sends again.
inline constexpr std::size_t kPushWindowBytes = std::size_t{768} << 10;

/// How long an end waits for the answers to what was sent.
inline constexpr auto kPushFarewell = std::chrono::seconds(1);

/// No collector is tried again after longer than this.
inline constexpr auto kLongestForwardPause = std::chrono::seconds(30);

/// All collectors failed: the first pause.
inline constexpr auto kFirstForwardPause = std::chrono::milliseconds(200);

/// A collector that does not answer for so long is passed over for the next.
inline constexpr auto kForwardConnectTime = std::chrono::seconds(5);

/// How often the position is handed to the store, and what waits is counted.
inline constexpr auto kForwardWatchEvery = std::chrono::seconds(1);

// ---- Parsers

/// An entry of the journal has at most so many fields as well; a text with more is not taken for one of a log.
inline constexpr std::size_t kMaxMembers = 1024;

/// Patterns of patterns of patterns: COMBINEDAPACHELOG is five deep. This also ends patterns that need themselves.
inline constexpr int kMaxGrokDepth = 32;

/// A file of patterns has a few hundred lines.
inline constexpr std::size_t kMaxPatternsFileBytes = std::size_t{1} << 20;

/// What one compiled pattern may cost in memory: RE2's own default.
inline constexpr std::int64_t kMaxPatternMemory = std::int64_t{8} << 20;

/// The longest pattern that is compiled; grok's expand to a few thousand bytes.
inline constexpr std::size_t kMaxPatternBytes = std::size_t{64} << 10;

}  // namespace towld
