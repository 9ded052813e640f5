// What both baseline probers share: arguments, the SYN of a flow, pacing, and the line of results.
#ifndef PROBER_H
#define PROBER_H
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_PORT = 61000, PACKET = sizeof(struct iphdr) + sizeof(struct tcphdr) };

// Command line: SOURCE DESTINATION FIRST_DESTINATION_PORT TARGETS FLOWS RATE SECONDS. A rate of 0 sends as fast as it can.
struct run {
  struct in_addr source, destination;
  int first_port, targets, flows;
  double rate, seconds;
  // Sequence number of the probe under way of each flow, 0 where none is.
  uint32_t *pending;
  uint64_t sent, answered, in_flight;
  uint32_t next;
};

static double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct run read_arguments(int argc, char **argv) {
  struct run run = {0};
  if (argc != 8 || inet_pton(AF_INET, argv[1], &run.source) != 1 ||
      inet_pton(AF_INET, argv[2], &run.destination) != 1) {
    fprintf(stderr, "usage: %s SOURCE DESTINATION FIRST_PORT TARGETS FLOWS RATE SECONDS\n", argv[0]);
    exit(2);
  }
  run.first_port = atoi(argv[3]);
  run.targets = atoi(argv[4]);
  run.flows = atoi(argv[5]);
  run.rate = atof(argv[6]);
  run.seconds = atof(argv[7]);
  run.pending = calloc((size_t)(run.targets * run.flows), sizeof *run.pending);
  if (run.pending == NULL) exit(1);
  return run;
}

static uint32_t sum16(const void *data, size_t length) {
  const uint8_t *bytes = data;
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < length; i += 2) {
    uint16_t word;
    memcpy(&word, bytes + i, sizeof word);
    sum += word;
  }
  return sum;
}

static uint16_t fold(uint32_t sum) {
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t)~sum;
}

// Writes the next SYN into `packet` and notes it; every flow is served in turn.
static void write_syn(struct run *run, uint8_t *packet) {
  const uint32_t flow = run->next++ % (uint32_t)(run->targets * run->flows);
  struct iphdr *ip = (struct iphdr *)packet;
  struct tcphdr *tcp = (struct tcphdr *)(packet + sizeof *ip);
  memset(packet, 0, PACKET);
  ip->version = 4;
  ip->ihl = 5;
  ip->tot_len = htons(PACKET);
  ip->ttl = 64;
  ip->protocol = IPPROTO_TCP;
  ip->saddr = run->source.s_addr;
  ip->daddr = run->destination.s_addr;
  tcp->source = htons((uint16_t)(FIRST_PORT + flow % (uint32_t)run->flows));
  tcp->dest = htons((uint16_t)(run->first_port + (int)(flow / (uint32_t)run->flows)));
  const uint32_t sequence = 0x10000000u + run->next;
  tcp->seq = htonl(sequence);
  tcp->doff = 5;
  tcp->syn = 1;
  tcp->window = htons(64240);
  struct {
    uint32_t source, destination;
    uint8_t zero, protocol;
    uint16_t length;
  } pseudo = {ip->saddr, ip->daddr, 0, IPPROTO_TCP, htons(sizeof *tcp)};
  tcp->check = fold(sum16(&pseudo, sizeof pseudo) + sum16(tcp, sizeof *tcp));
  if (run->pending[flow] == 0) run->in_flight++;
  run->pending[flow] = sequence;
  run->sent++;
}

// Matches a whole IPv4 packet to its probe.
static void read_answer(struct run *run, const uint8_t *packet, size_t length) {
  const struct iphdr *ip = (const struct iphdr *)packet;
  if (length < sizeof *ip || ip->protocol != IPPROTO_TCP || ip->saddr != run->destination.s_addr) return;
  const size_t header = (size_t)ip->ihl * 4;
  if (length < header + sizeof(struct tcphdr)) return;
  const struct tcphdr *tcp = (const struct tcphdr *)(packet + header);
  const int target = ntohs(tcp->source) - run->first_port;
  const int flow = ntohs(tcp->dest) - FIRST_PORT;
  if (!tcp->syn || !tcp->ack || target < 0 || target >= run->targets || flow < 0 || flow >= run->flows) return;
  uint32_t *pending = &run->pending[target * run->flows + flow];
  if (*pending == 0 || ntohl(tcp->ack_seq) != *pending + 1) return;
  *pending = 0;
  run->answered++;
  run->in_flight--;
}

// How many probes are due by now; as fast as it can, as many as keep at most 2,000 in flight.
static int due(const struct run *run, double start, double now) {
  if (run->rate > 0) return (int)((now - start) * run->rate - (double)run->sent);
  return run->in_flight < 2000 ? 32 : 0;
}

static void print_result(const struct run *run, double elapsed) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                     (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  printf("{\"sent\":%llu,\"answered\":%llu,\"seconds\":%.3f,\"cpu_seconds\":%.3f}\n",
         (unsigned long long)run->sent, (unsigned long long)run->answered, elapsed, cpu);
}

static void pause_briefly(void) {
  const struct timespec pause = {0, 1000000};
  nanosleep(&pause, NULL);
}

#endif
