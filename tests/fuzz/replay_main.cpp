// SPDX-License-Identifier: GPL-3.0-or-later
// Runs a fuzz target over every file of the folders it is given, without libFuzzer.
#include "tests/fuzz/fuzz_input.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

int main(int argc, char **argv)
{
    int files = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto &entry : std::filesystem::recursive_directory_iterator(argv[i])) {
            if (!entry.is_regular_file())
                continue;
            std::ifstream in(entry.path(), std::ios::binary);
            const std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
            const std::vector<std::uint8_t> data(bytes.begin(), bytes.end());
            // Each beginning too: a text cut off anywhere is what a dying reader leaves.
            for (std::size_t size = 0; size <= data.size(); ++size)
                (void)LLVMFuzzerTestOneInput(data.data(), size);
            ++files;
        }
    }
    std::printf("%d files replayed\n", files);
    return files > 0 ? 0 : 1;
}
