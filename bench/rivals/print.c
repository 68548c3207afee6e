/* The minimum of a plugin: reads a file and prints it. usage: print FILE */
#include <fcntl.h>
#include <unistd.h>

int main(int count, char **words) {
  static char text[65536];
  int file = count == 2 ? open(words[1], O_RDONLY) : -1;
  ssize_t size = file < 0 ? -1 : read(file, text, sizeof text);
  return size > 0 && write(1, text, size) == size ? 0 : 1;
}
