// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/repository/sqlite.h"

#include <sqlite3.h>

namespace gantry::repository {

namespace {

/// How long to wait for another process that changes the catalogue: as long as its fsync takes.
constexpr int kPatienceMs = 10'000;

int errnoOf(sqlite3 *handle, int code)
{
    const int below = sqlite3_system_errno(handle);
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return EBUSY;
    case SQLITE_FULL:
        return below == EDQUOT || below == EFBIG ? below : ENOSPC;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
        return EBADMSG;
    case SQLITE_READONLY:
        return EROFS;
    case SQLITE_NOMEM:
        return ENOMEM;
    case SQLITE_TOOBIG:
        return EFBIG;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return below != 0 ? below : EIO;
    // The schema is ours: a table or column that is missing was broken.
    case SQLITE_ERROR:
        return EBADMSG;
    default:
        return EIO;
    }
}

} // namespace

void Database::Close::operator()(sqlite3 *handle) const
{
    sqlite3_close_v2(handle);
}

Result<Database> Database::open(const std::string &path, bool write)
{
    Database out;
    out.m_path = path;
    sqlite3 *handle = nullptr;
    // Read and write even for who only looks: readers of a write-ahead log take part in its locks.
    const int code = sqlite3_open_v2(path.c_str(), &handle,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    out.m_handle.reset(handle);
    if (code != SQLITE_OK)
        return out.failure("open", code);
    sqlite3_busy_timeout(handle, kPatienceMs);
    GANTRY_CHECK(out.run("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA synchronous=FULL; "
                         "PRAGMA wal_autocheckpoint=256;"));
    if (!write)
        GANTRY_CHECK(out.run("PRAGMA query_only=ON;"));
    return out;
}

Result<> Database::run(const char *sql) const
{
    if (const int code = sqlite3_exec(m_handle.get(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK)
        return failure("execute", code);
    return {};
}

std::unexpected<Error> Database::failure(std::string_view op, int code) const
{
    if (m_handle == nullptr)
        return fail(ENOMEM, op, m_path, sqlite3_errstr(code));
    return fail(errnoOf(m_handle.get(), code), op, m_path, sqlite3_errmsg(m_handle.get()));
}

void Query::Finalize::operator()(sqlite3_stmt *statement) const
{
    sqlite3_finalize(statement);
}

Result<Query> Query::prepare(const Database &database, std::string_view sql)
{
    sqlite3_stmt *statement = nullptr;
    const int code = sqlite3_prepare_v2(database.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    if (code != SQLITE_OK)
        return database.failure("prepare", code);
    return Query(database, statement);
}

Query &Query::bind(int place, std::uint64_t value)
{
    const int code = sqlite3_bind_int64(m_statement.get(), place, static_cast<sqlite3_int64>(value));
    m_bound = m_bound != SQLITE_OK ? m_bound : code;
    return *this;
}

Query &Query::bind(int place, ByteView value)
{
    // A null pointer would bind NULL, not an empty blob.
    const int code = value.empty()
                         ? sqlite3_bind_zeroblob(m_statement.get(), place, 0)
                         : sqlite3_bind_blob64(m_statement.get(), place, value.data(), value.size(), SQLITE_STATIC);
    m_bound = m_bound != SQLITE_OK ? m_bound : code;
    return *this;
}

Query &Query::bind(int place, std::string_view value)
{
    const int code =
        sqlite3_bind_text64(m_statement.get(), place, value.data(), value.size(), SQLITE_STATIC, SQLITE_UTF8);
    m_bound = m_bound != SQLITE_OK ? m_bound : code;
    return *this;
}

Result<bool> Query::step()
{
    if (m_bound != SQLITE_OK)
        return m_database->failure("bind", m_bound);
    const int code = sqlite3_step(m_statement.get());
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return m_database->failure("step", code);
    return code == SQLITE_ROW;
}

Result<> Query::runOnce()
{
    const auto done = step();
    sqlite3_reset(m_statement.get());
    if (!done)
        return std::unexpected(done.error());
    return {};
}

Result<std::uint64_t> Query::number(int column) const
{
    const sqlite3_int64 value = sqlite3_column_int64(m_statement.get(), column);
    if (sqlite3_column_type(m_statement.get(), column) != SQLITE_INTEGER || value < 0)
        return fail(EBADMSG, "read", m_database->path(), "a number in a row makes no sense");
    return static_cast<std::uint64_t>(value);
}

Result<ByteVector> Query::bytes(int column) const
{
    if (sqlite3_column_type(m_statement.get(), column) != SQLITE_BLOB)
        return fail(EBADMSG, "read", m_database->path(), "bytes in a row are none");
    const auto *data = static_cast<const std::byte *>(sqlite3_column_blob(m_statement.get(), column));
    const int size = sqlite3_column_bytes(m_statement.get(), column);
    return data == nullptr ? ByteVector() : ByteVector(data, data + size);
}

std::string Query::text(int column) const
{
    const auto *data = static_cast<const char *>(sqlite3_column_blob(m_statement.get(), column));
    const int size = sqlite3_column_bytes(m_statement.get(), column);
    return data == nullptr ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

} // namespace gantry::repository
