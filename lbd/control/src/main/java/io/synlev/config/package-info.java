/**
 * What people write down about a balancer: the configuration file read, checked, compared with what
 * is in force, published and written. How all of it is published at once is {@link
 * io.synlev.state.Instance#replace}'s business. It knows no command line, no socket and no kernel;
 * the YAML library stays inside.
 */
package io.synlev.config;
