/*
 * The shell of a long reaction (src/core/), for one subject and runs of two steps: two workers, and an outside system that runs a
 * token at most once. check.sh says which properties are checked in which of these worlds:
 *   (none)    a worker may be woken at any time: wake-ups are lost, repeated and late. It may crash between any two calls, and a
 *             lease may expire while its holder still works
 *   LIVE      the same, but crashes come to an end and every lease expires: is everything done in the end?
 *   RELIABLE  no wake-up is lost, nobody crashes and there is no sweep: are the rules alone enough?
 * and which must fail without one of the rules:
 *   NO_SECOND_PASS    the end of a run is not followed by another pass
 *   STEP_NOT_FOLLOWED the end of a step is not followed by another pass
 *   NO_TAKE_OVER      nobody takes over a claim whose lease has expired
 *   NO_TOKEN          each start has a token of its own
 *   NO_STEP_IN_TOKEN  both steps of a run have the same token
 *   RESTART           a worker that takes a run over begins at its first step again
 *   EARLY             the cursor moves after the first step
 */
#define HEAD 2                  /* how many versions the source comes to hold */
#define NONE 255
#define AT(to, step) (((to) - 1) * 2 + (step))
#ifdef NO_STEP_IN_TOKEN
#define TOKEN(to, step) AT(to, 0)
#else
#define TOKEN(to, step) AT(to, step)
#endif

byte head = 0;                  /* versions committed at the source */
byte version = 0;               /* the cursor */
byte runTo = NONE;              /* the run in the cursor takes (version, runTo] */
bit runStep = 0;
bool runStarted = false;        /* false: only claimed */
bool leaseLive = false;
#ifdef LIVE
byte crashes = 0;
#endif
#ifdef RELIABLE
byte wakes = 0;                 /* messages in the queue */
byte idle = 2;                  /* workers that wait for a message */
#endif

/* The outside system, by token. Two runs to the same version from different ones cannot be: the claim is conditional. */
bool started[4];
bool ended[4];
byte startedFrom[4];
bit startedStep[4];
byte applied[4];                /* how often each step of each version took effect */

#ifdef RELIABLE
#define WAKE if :: wakes < 3 -> wakes++ :: else fi
#define RECEIVE wakes > 0 -> wakes--; idle--
#define FINISHED idle++;
#define CRASH skip
#else
#define WAKE skip
#define RECEIVE true -> skip
#define FINISHED
#ifdef LIVE
#define CRASH if :: crashes < 2 -> crashes++; goto done :: skip fi
#else
#define CRASH if :: goto done :: skip fi
#endif
#endif
#ifdef LIVE
#define EXPIRED !leaseLive
#define CLOCK run clock();
#else                           /* it may expire at any moment, so also at this one */
#define EXPIRED true
#define CLOCK
#endif
#ifdef NO_SECOND_PASS
#define AFTER_RUN goto done
#else
#define AFTER_RUN goto again
#endif
#ifdef STEP_NOT_FOLLOWED
#define AFTER_STEP goto done
#else
#define AFTER_STEP goto again
#endif
#ifdef NO_TOKEN
#define KNOWN(token) false
#else
#define KNOWN(token) started[token]
#endif
#ifdef EARLY
#define LAST_STEP 0
#else
#define LAST_STEP 1
#endif
#ifdef RESTART                  /* a claim from the beginning has a new token, which nobody has seen */
#define TAKE_OVER runStep = 0; step = 0; started[AT(to, 0)] = false; ended[AT(to, 0)] = false
#elif defined(NO_TAKE_OVER)
#define TAKE_OVER goto done
#else
#define TAKE_OVER skip
#endif

inline apply(token, to) {
  k = startedFrom[token] + 1;
  do
  :: k <= to ->
     applied[AT(k, startedStep[token])]++;
     assert(applied[AT(k, startedStep[token])] <= 1);          /* at most once */
     assert(startedStep[token] == 0 || applied[AT(k, 0)] == 1); /* in order */
     k++
  :: else -> break
  od;
  k = 0
}
inline finish(token, to) { apply(token, to); ended[token] = true; WAKE }

proctype source() {
  do
  :: head < HEAD -> atomic { head++; WAKE }
  :: head == HEAD -> break
  od
}

/* What was started ends some time, and says so. */
proctype outside() {
  byte k;
  do
  :: atomic { started[0] && !ended[0] -> finish(0, 1) }
  :: atomic { started[1] && !ended[1] -> finish(1, 1) }
  :: atomic { started[2] && !ended[2] -> finish(2, 2) }
  :: atomic { started[3] && !ended[3] -> finish(3, 2) }
  od
}

#ifdef LIVE
proctype clock() { do :: leaseLive -> leaseLive = false od }
#endif

/* The cursor is as this worker read it: the condition of every write. */
#define UNCHANGED (runTo == to && version == from && runStep == step)

proctype worker() {
  byte from, to, k; bit step;
end:
  do
  :: atomic { RECEIVE };
again:
     atomic { from = version; to = runTo; step = runStep };    /* observe: one read of the cursor */
     if
     :: to == NONE ->
        to = head;                                             /* observe the source */
        if
        :: to == from -> goto done
        :: else ->
           atomic {                                            /* claim, if nobody else wrote meanwhile */
             if
             :: runTo == NONE && version == from -> runTo = to; leaseLive = true
             :: else -> goto again
             fi
           }
        fi
     :: else ->
        if
        :: atomic { !UNCHANGED -> goto again }
        :: atomic { UNCHANGED && runStarted ->
             if
             :: !ended[TOKEN(to, step)] -> goto done
             :: ended[TOKEN(to, step)] && step < LAST_STEP -> goto nextStep
             :: ended[TOKEN(to, step)] && step >= LAST_STEP -> goto record
             fi
           }
        :: atomic { UNCHANGED && !runStarted && leaseLive -> goto done }
        :: atomic { UNCHANGED && !runStarted && EXPIRED -> TAKE_OVER; leaseLive = true }
        fi
     fi;
     CRASH;                                                    /* claimed, and not yet started */
     atomic {                                                  /* act: a token that is known starts nothing */
       if
       :: KNOWN(TOKEN(to, step)) -> skip
       :: else ->
          started[TOKEN(to, step)] = true; ended[TOKEN(to, step)] = false;
          startedFrom[TOKEN(to, step)] = from; startedStep[TOKEN(to, step)] = step
       fi
     };
     CRASH;                                                    /* started, and not yet recorded */
     atomic { if :: UNCHANGED && !runStarted -> runStarted = true; leaseLive = false :: else -> skip fi };
     goto again;                                               /* it may have ended already */
nextStep:                                                      /* a claim that is free: any worker may start it at once */
     atomic { if :: UNCHANGED && runStarted -> runStep = step + 1; runStarted = false :: else -> skip fi };
     CRASH;
     AFTER_STEP;                                               /* nobody else may come to start it */
record:
     atomic {
       if
       :: UNCHANGED && runStarted ->
          k = from + 1;
          do
          :: k <= to -> assert(applied[AT(k, 1)] == 1); k++    /* the cursor moves after the last step */
          :: else -> break
          od;
          k = 0;
          assert(from < to && to <= head);
          version = to; runTo = NONE; runStep = 0; runStarted = false
       :: else -> skip
       fi
     };
     CRASH;
     AFTER_RUN;                                                /* events that found the run in progress were dropped */
done:
     atomic { FINISHED from = 0; to = 0; step = 0 }
  od
}

init { atomic { run source(); run outside(); CLOCK run worker(); run worker() } }

#ifdef LIVE
ltl converge { <>[] (head == HEAD -> version == HEAD) }
#endif
#ifdef RELIABLE
#define ALL_ENDED ((!started[0] || ended[0]) && (!started[1] || ended[1]) && (!started[2] || ended[2]) && (!started[3] || ended[3]))
ltl complete { [] !(head == HEAD && wakes == 0 && idle == 2 && ALL_ENDED && version < HEAD) }
#endif
