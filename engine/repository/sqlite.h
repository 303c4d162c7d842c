// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/base/error.h"
#include "engine/repository/bytes.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace gantry::repository {

/// One connection to one SQLite file. Errors have the file as subject and SQLite's words as detail; the code is the
/// errno below where there is one, else EBUSY (another has it), ENOSPC (full), EBADMSG (broken), EROFS or EIO.
/// Thread: one at a time.
class Database
{
public:
    /// A file that is there. @param write false: it refuses every change.
    [[nodiscard]] static Result<Database> open(const std::string &path, bool write);

    [[nodiscard]] Result<> run(const char *sql) const;
    [[nodiscard]] std::unexpected<Error> failure(std::string_view op, int code) const;
    [[nodiscard]] sqlite3 *get() const { return m_handle.get(); }
    [[nodiscard]] const std::string &path() const { return m_path; }

private:
    struct Close
    {
        void operator()(sqlite3 *handle) const;
    };
    Database() = default;

    std::string m_path;
    std::unique_ptr<sqlite3, Close> m_handle;
};

/// One prepared statement: bind from 1, step, look at columns from 0. Must not outlive its database.
class Query
{
public:
    [[nodiscard]] static Result<Query> prepare(const Database &database, std::string_view sql);

    /// SQLite's integers have 63 bits and a sign: so have all numbers of a catalogue.
    Query &bind(int place, std::uint64_t value);
    /// The bytes must live until the next step.
    Query &bind(int place, ByteView value);
    Query &bind(int place, std::string_view value);
    /// @return true: there is a row.
    [[nodiscard]] Result<bool> step();
    /// For statements without rows; ready to be bound again.
    [[nodiscard]] Result<> runOnce();

    /// @errors EBADMSG for a column of another type, or a negative number.
    [[nodiscard]] Result<std::uint64_t> number(int column) const;
    [[nodiscard]] Result<ByteVector> bytes(int column) const;
    [[nodiscard]] std::string text(int column) const;

private:
    struct Finalize
    {
        void operator()(sqlite3_stmt *statement) const;
    };
    Query(const Database &database, sqlite3_stmt *statement) : m_database(&database), m_statement(statement) {}

    const Database *m_database;
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
    int m_bound = 0; ///< first failure of bind()
};

} // namespace gantry::repository
