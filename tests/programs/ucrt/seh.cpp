// The same with the GNU environment's start-up code and libraries.
#include "../msvc/seh.cpp"

int main(int count, char **arguments)
{
    return run(count > 1 ? arguments[1] : "");
}
