// Baseline: a C prober at its best, sendmmsg in batches and answers from a mapped packet ring (TPACKET_V3).
#include "prober.h"
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>

enum { BATCH = 32, BLOCKS = 64, BLOCK = 1 << 16 };

// A packet socket whose ring holds only TCP from the destination to us.
static int open_ring(const struct run *run, uint8_t **ring) {
  const int in = socket(AF_PACKET, SOCK_DGRAM, 0);
  const int version = TPACKET_V3;
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ntohl(run->destination.s_addr), 0, 3),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_TCP, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 256),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  const struct sock_fprog filter = {sizeof code / sizeof *code, code};
  struct tpacket_req3 request = {.tp_block_size = BLOCK,
                                 .tp_block_nr = BLOCKS,
                                 .tp_frame_size = 2048,
                                 .tp_frame_nr = BLOCKS * (BLOCK / 2048),
                                 .tp_retire_blk_tov = 1};
  const struct sockaddr_ll any = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP)};
  if (in < 0 || setsockopt(in, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0 ||
      setsockopt(in, SOL_PACKET, PACKET_VERSION, &version, sizeof version) != 0 ||
      setsockopt(in, SOL_PACKET, PACKET_RX_RING, &request, sizeof request) != 0)
    return -1;
  *ring = mmap(NULL, (size_t)BLOCK * BLOCKS, PROT_READ | PROT_WRITE, MAP_SHARED, in, 0);
  if (*ring == MAP_FAILED || bind(in, (const struct sockaddr *)&any, sizeof any) != 0) return -1;
  return in;
}

static void drain(struct run *run, uint8_t *ring, int *block) {
  for (;;) {
    struct tpacket_block_desc *head = (struct tpacket_block_desc *)(ring + (size_t)*block * BLOCK);
    if ((__atomic_load_n(&head->hdr.bh1.block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER) == 0) return;
    const uint8_t *at = (const uint8_t *)head + head->hdr.bh1.offset_to_first_pkt;
    for (uint32_t i = 0; i < head->hdr.bh1.num_pkts; i++) {
      const struct tpacket3_hdr *packet = (const struct tpacket3_hdr *)at;
      read_answer(run, at + packet->tp_net, packet->tp_snaplen);
      at += packet->tp_next_offset;
    }
    __atomic_store_n(&head->hdr.bh1.block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    *block = (*block + 1) % BLOCKS;
  }
}

int main(int argc, char **argv) {
  struct run run = read_arguments(argc, argv);
  uint8_t *ring;
  const int out = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  if (out < 0 || open_ring(&run, &ring) < 0) {
    perror("packet ring");
    return 1;
  }
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr = run.destination};
  static uint8_t packets[BATCH][PACKET];
  struct iovec parts[BATCH];
  struct mmsghdr messages[BATCH] = {0};
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){packets[i], PACKET};
    messages[i].msg_hdr = (struct msghdr){
        .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &parts[i], .msg_iovlen = 1};
  }
  int block = 0;
  const double start = now_seconds();
  // Answers are awaited for a second after the last probe.
  for (double now = start; now < start + run.seconds + 1; now = now_seconds()) {
    int left = now < start + run.seconds ? due(&run, start, now) : 0;
    const int idle = left <= 0;
    while (left > 0) {
      const int batch = left < BATCH ? left : BATCH;
      for (int i = 0; i < batch; i++) write_syn(&run, packets[i]);
      sendmmsg(out, messages, (unsigned)batch, 0);
      left -= batch;
    }
    drain(&run, ring, &block);
    if (run.rate > 0 || idle) pause_briefly();
  }
  print_result(&run, run.seconds);
  return 0;
}
