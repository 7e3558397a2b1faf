// std::thread and what belongs to it, as the C++ library of MinGW has it on winpthreads.
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <future>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

static thread_local int mine = 7;

static void counters()
{
    long plain = 0;
    std::atomic<long> atomic{0};
    std::mutex mutex;
    std::recursive_mutex again;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 500; i++) {
                std::scoped_lock both(mutex, again);
                std::lock_guard<std::recursive_mutex> deeper(again);
                plain += t;
                atomic++;
                mine++;
            }
        });
    for (auto &thread : threads)
        thread.join();
    std::printf("counters %ld %ld %d\n", plain, atomic.load(), mine);
}

template <class T> class Queue {
    std::mutex mutex;
    std::condition_variable filled;
    std::deque<T> items;

public:
    void put(T item)
    {
        {
            std::lock_guard<std::mutex> lock(mutex);
            items.push_back(item);
        }
        filled.notify_one();
    }
    T take()
    {
        std::unique_lock<std::mutex> lock(mutex);
        filled.wait(lock, [&] { return !items.empty(); });
        T item = items.front();
        items.pop_front();
        return item;
    }
};

static void queues()
{
    Queue<int> queue;
    std::atomic<long> sum{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; t++)
        threads.emplace_back([&] {
            while (int item = queue.take())
                sum += item;
        });
    for (int t = 0; t < 3; t++)
        threads.emplace_back([&] {
            for (int i = 1; i <= 200; i++)
                queue.put(i);
        });
    for (int t = 3; t < 6; t++)
        threads[t].join();
    for (int t = 0; t < 3; t++)
        queue.put(0);
    for (int t = 0; t < 3; t++)
        threads[t].join();
    std::printf("queue %ld\n", sum.load());
}

static void futures()
{
    auto task = std::async(std::launch::async, [] { return 6 * 7; });
    auto failing = std::async(std::launch::async, []() -> int { throw std::runtime_error("thrown elsewhere"); });
    std::promise<std::string> promise;
    std::thread keeper([&] { promise.set_value("kept"); });
    std::printf("future %d, promise %s\n", task.get(), promise.get_future().get().c_str());
    keeper.join();
    try {
        failing.get();
    } catch (const std::runtime_error &error) {
        std::printf("caught: %s\n", error.what());
    }
}

static void timeouts()
{
    std::timed_mutex mutex;
    std::mutex plain;
    std::condition_variable never;
    mutex.lock();
    bool got = true;
    std::thread([&] { got = mutex.try_lock_for(20ms); }).join();
    std::unique_lock<std::mutex> lock(plain);
    auto before = std::chrono::steady_clock::now();
    auto status = never.wait_for(lock, 30ms);
    auto passed = std::chrono::steady_clock::now() - before;
    std::printf("timeouts %d %d %d\n", got, status == std::cv_status::timeout, passed >= 29ms);
    mutex.unlock();
}

static void once_and_shared()
{
    std::once_flag flag;
    std::shared_mutex shared;
    std::atomic<int> calls{0}, readers{0};
    int value = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 6; t++)
        threads.emplace_back([&, t] {
            std::call_once(flag, [&] { calls++; });
            if (t % 2) {
                std::unique_lock<std::shared_mutex> lock(shared);
                value++;
            } else {
                std::shared_lock<std::shared_mutex> lock(shared);
                readers++;
            }
        });
    for (auto &thread : threads)
        thread.join();
    std::printf("once %d, written %d, read %d\n", calls.load(), value, readers.load());
}

int main()
{
    counters();
    queues();
    futures();
    timeouts();
    once_and_shared();
    std::thread empty;
    std::printf("joinable %d, ids differ %d\n", empty.joinable(), std::this_thread::get_id() != std::thread::id());
    std::thread away([] { std::this_thread::sleep_for(1ms); });
    away.detach();
    try {
        away.join();
    } catch (const std::system_error &error) {
        std::printf("no join: %d\n", error.code().value() != 0);
    }
    return 0;
}
