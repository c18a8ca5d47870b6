/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Finding all flows of a batch for lbd, which would need two system calls for each. */
#ifndef SYNLEV_ASK_H
#define SYNLEV_ASK_H

#include "maps.h"

/* What lbd runs it with. */
struct request {
	__u32 asker;
	__u32 count;
};

inline_always void answer(struct question *question, void *flows, void *young, const void *key)
{
	/* In this order, for a flow comes to the big table before it leaves the young one. */
	enum answer place = YOUNG;
	struct flow *flow = bpf_map_lookup_elem(young, key);
	if (!flow) {
		place = GROWN;
		flow = bpf_map_lookup_elem(flows, key);
	}
	question->answer = flow ? place : NOWHERE;
	if (flow)
		question->flow = *flow;
}

SEC("syscall")
int synlev_find(struct request *request)
{
	__u32 asker = request->asker, count = request->count;
	struct questions *asked = bpf_map_lookup_elem(&questions, &asker);
	if (!asked)
		return 1;
	for (__u32 i = 0; i < QUESTIONS && i < count; i++) {
		struct question *question = &asked->of[i];
		if (question->family == 4)
			answer(question, &flows4, &young4, &question->key4);
		else if (question->family == 6)
			answer(question, &flows6, &young6, &question->key6);
	}
	return 0;
}

#endif
