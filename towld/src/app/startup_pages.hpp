// Startup pages are the code that only a start needs: the loader's work, gRPC registering its parts, the configuration.
// They count as resident for as long as nobody asks for them back.
#pragma once

namespace towld {

/// Unmaps the pages of programs and libraries that are only read; what is needed after all comes back from the page
/// cache at its next use. Nothing is written and nothing lost: see MADV_DONTNEED of file mappings in madvise(2). To be
/// called once, when the program has settled. Any thread.
void give_back_startup_pages();

}  // namespace towld
