// Baseline: a plain C prober, one sendto a probe, answers from a raw TCP socket with recv.
#include "prober.h"

int main(int argc, char **argv) {
  struct run run = read_arguments(argc, argv);
  const int out = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  const int in = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_TCP);
  if (out < 0 || in < 0) {
    perror("raw socket");
    return 1;
  }
  const int room = 8 << 20;
  setsockopt(in, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  const struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = run.destination};
  uint8_t packet[PACKET], answer[2048];
  const double start = now_seconds();
  // Answers are awaited for a second after the last probe.
  for (double now = start; now < start + run.seconds + 1; now = now_seconds()) {
    int left = now < start + run.seconds ? due(&run, start, now) : 0;
    const int idle = left <= 0;
    for (; left > 0; left--) {
      write_syn(&run, packet);
      sendto(out, packet, PACKET, 0, (const struct sockaddr *)&to, sizeof to);
    }
    ssize_t length;
    while ((length = recv(in, answer, sizeof answer, 0)) > 0) read_answer(&run, answer, (size_t)length);
    if (run.rate > 0 || idle) pause_briefly();
  }
  print_result(&run, run.seconds);
  return 0;
}
