// The C++ library: streams, containers, algorithms, strings; no exceptions are thrown.
#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

struct Shape {
    virtual ~Shape() { std::cout << "gone "; }
    virtual double area() const = 0;
};

struct Circle : Shape {
    explicit Circle(double r) : radius(r) {}
    double area() const override { return 3.14159265358979 * radius * radius; }
    double radius;
};

struct Square : Shape {
    explicit Square(double s) : side(s) {}
    double area() const override { return side * side; }
    double side;
};

static std::string initialised = "before main";

int main(int argc, char **argv)
{
    std::cout << "Hello from C++, " << initialised << "\n";
    std::map<std::string, int> counts;
    std::istringstream words("the quick brown fox jumps over the lazy dog the end");
    for (std::string word; words >> word;)
        ++counts[word];
    for (const auto &entry : counts)
        std::cout << entry.first << '=' << entry.second << ' ';
    std::cout << std::endl;

    std::vector<int> numbers(20);
    std::iota(numbers.begin(), numbers.end(), 1);
    std::reverse(numbers.begin(), numbers.end());
    std::sort(numbers.begin(), numbers.end(), [](int a, int b) { return a % 7 != b % 7 ? a % 7 < b % 7 : a < b; });
    for (int n : numbers)
        std::cout << n << ' ';
    std::cout << "sum " << std::accumulate(numbers.begin(), numbers.end(), 0) << '\n';

    std::string text = "litebox";
    text += " runs";
    text.insert(0, "> ");
    std::cout << text << ' ' << text.size() << ' ' << text.find("box") << ' ' << text.substr(2, 4) << '\n';
    std::transform(text.begin(), text.end(), text.begin(), ::toupper);
    std::cout << text << '\n';

    std::cout << std::hex << 255 << ' ' << std::showbase << 255 << std::dec << ' ' << std::setw(8) << std::setfill('*') << 42
              << ' ' << std::fixed << std::setprecision(3) << 3.14159 << ' ' << std::scientific << 12345.678 << ' '
              << std::defaultfloat << 0.1 << ' ' << std::boolalpha << true << '\n';

    std::ostringstream out;
    out << "stream " << 1 << ' ' << 2.5 << ' ' << 'c';
    std::cout << out.str() << '\n';
    std::istringstream in("17 3.25 word");
    int i;
    double d;
    std::string w;
    in >> i >> d >> w;
    std::cout << i << ' ' << d << ' ' << w << ' ' << in.eof() << '\n';

    {
        std::vector<std::unique_ptr<Shape>> shapes;
        shapes.push_back(std::make_unique<Circle>(2));
        shapes.push_back(std::make_unique<Square>(3));
        for (const auto &shape : shapes)
            std::cout << shape->area() << ' ';
    }
    std::cout << '\n';
    auto shared = std::make_shared<std::string>("shared");
    std::weak_ptr<std::string> weak = shared;
    std::cout << shared.use_count() << ' ' << weak.expired() << ' ';
    shared.reset();
    std::cout << weak.expired() << '\n';

    std::unordered_map<int, std::string> table{{1, "one"}, {2, "two"}};
    std::set<char> letters(text.begin(), text.end());
    std::cout << table[2] << ' ' << letters.size() << ' ' << std::string(letters.begin(), letters.end()) << '\n';
    std::function<int(int)> twice = [argc](int x) { return x * 2 + argc - 1; };
    std::cout << twice(21) << ' ' << std::sqrt(2.0) << ' ' << std::pow(2.0, 0.5) << ' ' << std::sin(1.0) << '\n';

    {
        std::ofstream file("made.txt");
        for (int n = 0; n < 3; n++)
            file << "line " << n << '\n';
    }
    std::ifstream file("made.txt");
    int lines = 0;
    for (std::string line; std::getline(file, line);)
        lines += static_cast<int>(line.size());
    std::cout << "read back " << lines << ", missing " << std::ifstream("missing.txt").good() << '\n';
    std::string name;
    while (std::getline(std::cin, name))
        std::cout << "from input: " << name << '\n';
    std::cerr << "to stderr\n";
    return static_cast<int>(numbers.size());
}
