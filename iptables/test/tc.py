#!/usr/bin/env python3
"""Stands in for the tc program that lbd attaches, and leaves it behind as a killed lbd would.

Usage: tc.py INTERFACE MARK PREF HANDLE DIRECTORY [NAME]
The program gives every packet that comes in by INTERFACE the mark MARK. DIRECTORY (made by the caller, with a bpffs on
DIRECTORY/bpf) gets the record tc.INTERFACE and a pin. NAME is what the kernel calls the program (default synlev_tc).
libbpf: bpf_prog_load, bpf_tc_hook_create, bpf_tc_attach, bpf_obj_pin. Instructions: linux/bpf.h.
"""
import ctypes
import os
import socket
import struct
import sys

device, mark, pref, handle, directory = sys.argv[1], int(sys.argv[2], 0), int(sys.argv[3]), int(sys.argv[4], 0), sys.argv[5]
name = sys.argv[6] if len(sys.argv) > 6 else "synlev_tc"
bpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
bpf.libbpf_set_print(None)
SCHED_CLS, INGRESS, BOTH, EEXIST = 3, 1, 3, 17


def done(result, what):
    if result < 0:
        sys.exit(f"{what}: {os.strerror(-result)}")
    return result


code = b"".join(struct.pack("=BBhi", *instruction) for instruction in (
    (0xB7, 2, 0, mark),  # r2 = mark
    (0x63, 0x21, 8, 0),  # __sk_buff.mark = r2
    (0xB7, 0, 0, -1),  # r0 = TC_ACT_UNSPEC
    (0x95, 0, 0, 0)))  # exit
program = done(bpf.bpf_prog_load(SCHED_CLS, name.encode(), b"GPL", code, len(code) // 8, None), "load")
hook = struct.pack("=QiiQ", 24, socket.if_nametoindex(device), BOTH, 0)
created = bpf.bpf_tc_hook_create(hook)
if created != -EEXIST:
    done(created, "clsact")
state = "found" if created == -EEXIST else "created"
with open(f"{directory}/tc.{device}", "w") as record:
    record.write(f"clsact {state}, pref {pref}, handle {handle:#x}\n")
hook = struct.pack("=QiiQ", 24, socket.if_nametoindex(device), INGRESS, 0)
done(bpf.bpf_tc_attach(hook, struct.pack("=QiIIIIi", 32, program, 0, 0, handle, pref, 0)), "attach")
pin = f"{directory}/bpf/program"
if os.path.exists(pin):
    os.unlink(pin)
done(bpf.bpf_obj_pin(program, pin.encode()), "pin")
