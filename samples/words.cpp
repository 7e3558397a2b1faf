// Counts words with std::map:  x86_64-w64-mingw32-g++ -O1 -s -static -o words.exe words.cpp
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

static std::map<std::string, int> count(std::FILE *file)
{
    std::map<std::string, int> words;
    std::string word;
    for (int c; (c = std::fgetc(file)) != EOF;) {
        if (std::isalpha(c))
            word += static_cast<char>(std::tolower(c));
        else if (!word.empty()) {
            ++words[word];
            word.clear();
        }
    }
    if (!word.empty())
        ++words[word];
    return words;
}

int main(int argc, char **argv)
{
    std::FILE *file = argc > 1 ? std::fopen(argv[1], "r") : stdin;
    if (!file) {
        std::perror(argv[1]);
        return 1;
    }
    auto words = count(file);
    std::vector<std::pair<std::string, int>> order(words.begin(), words.end());
    std::stable_sort(order.begin(), order.end(), [](auto &a, auto &b) { return a.second > b.second; });
    for (std::size_t i = 0; i < order.size() && i < 5; i++)
        std::printf("%6d  %s\n", order[i].second, order[i].first.c_str());
    return 0;
}
