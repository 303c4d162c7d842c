// SPDX-License-Identifier: GPL-3.0-or-later
// Who leads a group, with members that are played: what it says to whom, and what it makes of their answers.
#include <QtTest>

#include "engine/base/strings.h"
#include "engine/proto/convert.h"
#include "engine/service/group_client.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include <grpcpp/channel.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

using namespace gantry;
using Order = v1::GroupOrder;
using News = v1::GroupNews;

namespace {

/// What a member does.
struct Part
{
    std::string clock = "c";
    std::int64_t begun = 0; ///< ns
    std::int64_t frozen = 0;
    Order::PartCase failsAt = Order::PART_NOT_SET;
    std::function<void(Order::PartCase)> onOrder{}; ///< before it answers
    std::chrono::milliseconds savesFor{0};          ///< while it hears what else is said
};

/// A host with one member. Thread: the test's; what is public after the constructor: any.
class Played final : public v1::Group::Service
{
public:
    explicit Played(Part part) : m_part(std::move(part))
    {
        grpc::ServerBuilder builder;
        builder.RegisterService(this);
        m_server = builder.BuildAndStart();
        m_stub = v1::Group::NewStub(m_server->InProcessChannel({}));
    }
    Played(const Played &) = delete;
    Played &operator=(const Played &) = delete;
    Played(Played &&) = delete;
    Played &operator=(Played &&) = delete;
    ~Played() override { m_server->Shutdown(); }

    [[nodiscard]] service::GroupMember member(const std::string &name) { return {name, *m_stub}; }
    [[nodiscard]] bool heard(Order::PartCase kind) { return !all(kind).empty(); }
    [[nodiscard]] std::vector<Order> all(Order::PartCase kind)
    {
        const std::scoped_lock lock(m_mutex);
        std::vector<Order> out;
        std::ranges::copy_if(m_heard, std::back_inserter(out),
                             [kind](const Order &one) { return one.part_case() == kind; });
        return out;
    }

    grpc::Status Save(grpc::ServerContext * /*context*/, grpc::ServerReaderWriter<News, Order> *stream) override
    {
        return play(*stream);
    }
    grpc::Status Restore(grpc::ServerContext * /*context*/, grpc::ServerReaderWriter<News, Order> *stream) override
    {
        return play(*stream);
    }

private:
    grpc::Status play(grpc::ServerReaderWriter<News, Order> &stream)
    {
        std::jthread saving; // it has answered when this returns
        for (Order order; stream.Read(&order); order.Clear()) {
            {
                const std::scoped_lock lock(m_mutex);
                m_heard.push_back(order);
            }
            if (m_part.onOrder)
                m_part.onOrder(order.part_case());
            News news;
            if (order.part_case() == m_part.failsAt)
                *news.mutable_failure() = toMessage(fail(EIO, "checkpoint", "web", "CRIU is tired").error());
            else
                answer(order.part_case(), news);
            if (news.has_saved() && m_part.savesFor.count() > 0)
                saving = std::jthread([&stream, news, time = m_part.savesFor] {
                    std::this_thread::sleep_for(time);
                    stream.Write(news);
                });
            else if (news.part_case() != News::PART_NOT_SET) {
                if (saving.joinable())
                    saving.join();
                stream.Write(news);
            }
        }
        return grpc::Status::OK;
    }
    void answer(Order::PartCase kind, News &news) const
    {
        switch (kind) {
        case Order::kBegin:
            news.mutable_ready()->set_subject("web");
            break;
        case Order::kFreeze:
            news.mutable_frozen()->set_clock(m_part.clock);
            news.mutable_frozen()->set_begun_nsec(m_part.begun);
            news.mutable_frozen()->set_frozen_nsec(m_part.frozen);
            break;
        case Order::kSave:
            news.mutable_saved();
            break;
        case Order::kHold:
            news.mutable_held();
            break;
        case Order::kKeep:
            news.mutable_kept();
            break;
        case Order::kGo:
            news.mutable_done();
            break;
        default:
            break;
        }
    }

    const Part m_part;
    std::mutex m_mutex;
    std::vector<Order> m_heard;
    std::unique_ptr<grpc::Server> m_server;
    std::unique_ptr<v1::Group::Stub> m_stub;
};

} // namespace

class TestGroupLead : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void oneClock_skewIsFromFirstToLast()
    {
        Played a({.begun = 1'000'000, .frozen = 1'200'000});
        Played b({.begun = 3'000'000, .frozen = 3'500'001});
        const std::vector members{a.member("x/a"), b.member("y/b")};
        const auto saved = service::saveTogether(members, {}, {}, {});
        QVERIFY(saved);
        QVERIFY(saved->oneClock);
        QCOMPARE(saved->skew.count(), 2'501);
        QCOMPARE(saved->members.size(), std::size_t{2});
        for (Played *one : {&a, &b}) {
            QCOMPARE(one->all(Order::kSave).front().save().skew_usec(), 2'501U);
            const v1::GroupBegin begin = one->all(Order::kBegin).front().begin();
            QCOMPARE(begin.group(), saved->group);
            QCOMPARE(begin.members_size(), 2);
            QCOMPARE(begin.member(), one == &a ? "x/a" : "y/b");
            QVERIFY(one->heard(Order::kGo) && !one->heard(Order::kGiveUp));
        }
    }

    void otherClocks_skewIsWhatPassedHere()
    {
        static constexpr std::chrono::milliseconds kSlow{60};
        Played a({.clock = "c", .begun = 5, .frozen = 6});
        Played b({.clock = "d", .begun = 5, .frozen = 6, .onOrder = [](Order::PartCase kind) {
                      if (kind == Order::kFreeze)
                          std::this_thread::sleep_for(kSlow); // a way that is slow
                  }});
        const auto saved = service::saveTogether(std::vector{a.member("a"), b.member("b")}, {}, {}, {});
        QVERIFY(saved);
        QVERIFY(!saved->oneClock);
        QVERIFY(saved->skew >= kSlow);
    }

    void oneFails_allAreGivenUp_data()
    {
        QTest::addColumn<int>("at");
        QTest::newRow("begin") << static_cast<int>(Order::kBegin);
        QTest::newRow("freeze") << static_cast<int>(Order::kFreeze);
        QTest::newRow("save") << static_cast<int>(Order::kSave);
        QTest::newRow("keep") << static_cast<int>(Order::kKeep);
    }
    void oneFails_allAreGivenUp()
    {
        QFETCH(const int, at);
        Played a({});
        Played b({.failsAt = static_cast<Order::PartCase>(at)});
        const auto saved = service::saveTogether(std::vector{a.member("x/a"), b.member("y/b")}, {}, {}, {});
        QVERIFY(!saved);
        QCOMPARE(saved.error().subject, "y/b");
        QVERIFY(saved.error().message().find("CRIU is tired") != std::string::npos);
        QVERIFY(a.heard(Order::kGiveUp));
        QVERIFY(!a.heard(Order::kGo) && !b.heard(Order::kGo));
        // Nobody goes on before the one that failed could.
        QCOMPARE(a.heard(Order::kKeep), at == static_cast<int>(Order::kKeep));
    }

    void oneFailsAtTheEnd_othersAreDone()
    {
        Played a({.failsAt = Order::kGo});
        Played b({});
        const auto ends = service::restoreTogether(std::vector{a.member("a"), b.member("b")}, {}, {}, {});
        QVERIFY(ends);
        QVERIFY(!ends->at(0) && ends->at(1));
        QVERIFY(!b.heard(Order::kGiveUp));
    }

    void givenUp_beforeKeep()
    {
        std::stop_source stop;
        Played a({});
        Played b({.onOrder = [&stop](Order::PartCase kind) {
            if (kind == Order::kSave)
                stop.request_stop();
        }});
        const auto saved = service::saveTogether(std::vector{a.member("a"), b.member("b")}, {}, {}, stop.get_token());
        // It may be too late by the time that the last one has answered; then nothing is given up at all.
        QCOMPARE(saved.has_value(), a.heard(Order::kGo) && b.heard(Order::kGo));
        QCOMPARE(!saved.has_value(), a.heard(Order::kGiveUp) && b.heard(Order::kGiveUp));
    }

    void oneIsSlow_othersHearThatTheCallerLives()
    {
        Played a({});
        Played b({.savesFor = std::chrono::seconds(2)});
        QVERIFY(service::saveTogether(std::vector{a.member("a"), b.member("b")}, {}, {}, {}));
        QVERIFY(a.all(Order::kAlive).size() >= 2);
    }

    void check_tellsOfEach()
    {
        Played a({});
        Played b({.failsAt = Order::kBegin});
        const auto looked = service::checkTogether(std::vector{a.member("a"), b.member("b")}, {});
        QVERIFY(looked.at(0) && !looked.at(1));
        QVERIFY(a.all(Order::kBegin).front().begin().dry_run());
        QVERIFY(!a.heard(Order::kFreeze));
    }
};

QTEST_GUILESS_MAIN(TestGroupLead)

#include "tst_group_lead.moc"
