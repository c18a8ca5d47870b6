package io.synlev.config;

/**
 * An option of lbd that a configuration file gives.
 *
 * @param name with its dashes
 * @param value as written; {@code true} or {@code false} of an option that has no value
 * @param field where it stands in the file
 */
public record DaemonOption(String name, String value, String field) {}
