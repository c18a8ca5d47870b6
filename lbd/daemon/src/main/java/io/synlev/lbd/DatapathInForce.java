package io.synlev.lbd;

import io.synlev.state.Instance;
import io.synlev.state.StateException;
import io.synlev.steering.View;
import io.synlev.steering.Views;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Which datapath serves, and what all datapaths of a daemon share: where workers look, what decides
 * for them, who traces it.
 */
final class DatapathInForce {
  private static final Logger LOG = System.getLogger(DatapathInForce.class.getName());

  private final DaemonSettings settings;
  private final Instance instance;
  private final Views views;
  private final TierLinks tier;
  private final TraceSessions traces;
  private final Deciders deciders;
  private final FlowsInForce flows = new FlowsInForce();
  private volatile ServingDatapath serving;

  /** Is about to serve; null unless a switch is under way. */
  private volatile ServingDatapath next;

  /** Makes the datapath to begin with; nothing is opened yet. */
  DatapathInForce(DaemonSettings settings, Instance instance) {
    this.settings = settings;
    this.instance = instance;
    int workers = settings.workers();
    views = new Views(View.compile(instance, workers), workers);
    tier = new TierLinks(settings.fragments());
    traces = new TraceSessions(views);
    deciders = new Deciders(instance, views, settings.steering(), traces);
    serving = make(settings.datapath());
  }

  /**
   * Makes a datapath that may serve here; nothing is opened yet. Each lives once.
   *
   * @param wanted null for queues
   */
  ServingDatapath make(DatapathSettings wanted) {
    return wanted == null ? new QueueServing(this) : new ProvidedServing(this, wanted);
  }

  /** Looks for the flows that are carried for the datapath to begin with. */
  void openFlows() throws IOException {
    serving.openFlows();
    flows.replace(serving.flows());
  }

  /**
   * Refuses what is in force if the datapath that serves cannot serve it, or the one that is about
   * to.
   *
   * @throws io.synlev.state.StateException naming the first such pool
   */
  void admit() {
    serving.admit(instance);
    ServingDatapath coming = next;
    if (coming != null) {
      coming.admit(instance);
    }
  }

  /** From now on nothing is put to use that this one could not serve; null: nothing comes. */
  void comes(ServingDatapath coming) {
    next = coming;
  }

  /** Has another datapath in force, which serves already. */
  void serveBy(ServingDatapath other) {
    serving = other;
    flows.replace(other.flows());
    try {
      instance.claim(other.record());
    } catch (StateException e) {
      LOG.log(Level.ERROR, "the claim names other queues than are served: " + e.getMessage());
    }
    other.begins();
  }

  /** What is due now and then. */
  void lookAround() {
    traces.expire();
    tier.look();
  }

  /** What carries the packets. */
  ServingDatapath serving() {
    return serving;
  }

  FlowsInForce flows() {
    return flows;
  }

  DaemonSettings settings() {
    return settings;
  }

  Instance instance() {
    return instance;
  }

  Views views() {
    return views;
  }

  Deciders deciders() {
    return deciders;
  }

  TraceSessions traces() {
    return traces;
  }

  TierLinks tier() {
    return tier;
  }
}
