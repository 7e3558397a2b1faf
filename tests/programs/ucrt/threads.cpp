// std::thread and its kin as LLVM's C++ library has them: on locks, condition variables and keys of Windows itself.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <future>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

struct Noisy {
    static inline std::atomic<int> made{0}, gone{0};
    int value = 5;
    Noisy() { made++; }
    ~Noisy() { gone++; }
};

static thread_local Noisy own;

static void ring()
{
    // Each thread waits for its turn and hands it on: every wait is woken by another thread's notify_all.
    const int members = 5, rounds = 40;
    std::mutex mutex;
    std::condition_variable turned;
    int turn = 0, wrong = 0;
    std::vector<std::thread> threads;
    for (int me = 0; me < members; me++)
        threads.emplace_back([&, me] {
            for (int round = 0; round < rounds; round++) {
                std::unique_lock<std::mutex> lock(mutex);
                turned.wait(lock, [&] { return turn % members == me; });
                wrong += turn != round * members + me;
                turn++;
                turned.notify_all();
            }
        });
    for (auto &thread : threads)
        thread.join();
    std::printf("ring %d, wrong %d\n", turn, wrong);
}

static void locks()
{
    std::mutex mutex;
    std::recursive_mutex again;
    std::shared_mutex shared;
    std::once_flag flag;
    std::atomic<int> calls{0};
    long plain = 0, written = 0, read = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; t++)
        threads.emplace_back([&, t] {
            std::call_once(flag, [&] { calls++; });
            for (int i = 0; i < 300; i++) {
                std::scoped_lock both(mutex, again);
                std::lock_guard<std::recursive_mutex> deeper(again);
                plain += t;
            }
            for (int i = 0; i < 50; i++)
                if (t % 2) {
                    std::unique_lock<std::shared_mutex> lock(shared);
                    written++;
                } else {
                    std::shared_lock<std::shared_mutex> lock(shared);
                    if (written > 150)
                        std::printf("read too much\n");
                }
            std::lock_guard<std::mutex> lock(mutex);
            read += own.value;
        });
    for (auto &thread : threads)
        thread.join();
    std::printf("locks %ld %ld %ld, once %d\n", plain, written, read, calls.load());
    std::printf("thread_local made %d, gone %d\n", Noisy::made.load(), Noisy::gone.load());
}

static void once_after_failure()
{
    std::once_flag flag;
    int tries = 0;
    for (int i = 0; i < 3; i++)
        try {
            std::call_once(flag, [&] {
                if (++tries == 1)
                    throw std::runtime_error("not yet");
            });
        } catch (const std::runtime_error &error) {
            std::printf("call_once: %s\n", error.what());
        }
    std::printf("tries %d\n", tries);
}

static void futures()
{
    auto task = std::async(std::launch::async, [] { return 6 * 7; });
    auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("thrown elsewhere"); });
    std::promise<int> promise;
    auto kept = promise.get_future();
    std::printf("ready before: %d\n", kept.wait_for(0ms) == std::future_status::ready);
    std::thread keeper([&] { promise.set_value_at_thread_exit(9); });
    std::printf("future %d, promise %d\n", task.get(), kept.get());
    keeper.join();
    try {
        std::printf("not thrown: %d\n", failing.get());
    } catch (const std::runtime_error &error) {
        std::printf("caught: %s\n", error.what());
    }
    try {
        auto orphan = std::promise<int>().get_future();
        std::printf("an orphan gave %d\n", orphan.get());
    } catch (const std::future_error &error) {
        std::printf("broken promise: %d\n", error.code() == std::future_errc::broken_promise);
    }
}

static void timeouts()
{
    std::timed_mutex mutex;
    std::mutex plain;
    std::condition_variable never;
    bool got = true, again = false;
    mutex.lock();
    std::thread([&] { got = mutex.try_lock_for(20ms); }).join();
    mutex.unlock();
    std::thread([&] { again = mutex.try_lock_for(10s) && (mutex.unlock(), true); }).join();
    std::unique_lock<std::mutex> lock(plain);
    auto before = std::chrono::steady_clock::now();
    // With a predicate it waits again when the system's milliseconds, rounded down, were over too early.
    bool came = never.wait_for(lock, 30ms, [] { return false; });
    auto passed = std::chrono::steady_clock::now() - before;
    std::printf("timeouts %d %d %d %d\n", got, again, came, passed >= 30ms);
}

static void handles()
{
    std::thread empty;
    std::printf("joinable %d, ids differ %d\n", empty.joinable(), std::this_thread::get_id() != empty.get_id());
    try {
        empty.join();
    } catch (const std::system_error &error) {
        std::printf("no join: %d\n", error.code() == std::errc::invalid_argument);
    }
    std::mutex mutex;
    std::condition_variable ended;
    bool done = false;
    std::thread([&] {
        std::unique_lock<std::mutex> lock(mutex);
        done = true;
        std::notify_all_at_thread_exit(ended, std::move(lock));
    }).detach();
    std::unique_lock<std::mutex> lock(mutex);
    ended.wait(lock, [&] { return done; });
    std::printf("detached %d\n", done);
}

int main()
{
    ring();
    locks();
    once_after_failure();
    futures();
    timeouts();
    handles();
    return 0;
}
