/**
 * What people write down about a balancer: the configuration file read, checked, compared with what
 * is in force, and written. It changes nothing itself; {@link io.synlev.state.Instance#replace}
 * does. It knows no command line, no socket and no kernel; the YAML library stays inside.
 */
package io.synlev.config;
