/**
 * Capture files: pcap and pcapng in, pcapng out, and the way from a captured frame to the IP packet
 * in it. It must not know commands, steering or anything else of ours.
 */
package io.synlev.magctl.pcap;
