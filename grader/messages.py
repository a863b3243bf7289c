"""The English of every message code, and messages and reports in the language that a reader asks for.

A new code: its English goes into `ENGLISH` here; then `make words`, and its Chinese into `locale/zh/LC_MESSAGES/grader.po`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from grader import wire
from grader.domain.message import Message, Param
from grader.domain.report import CheckResult, PartReport, Report, Verdict
from grader.language import LANGUAGES, catalogue
from grader.phrases import PHRASES


@dataclass(frozen=True)
class Counted:
    """A sentence that is another one for a single thing; `by` is the parameter that counts."""

    one: str
    many: str
    by: str


NO_WORDS: Mapping[str, str] = MappingProxyType({})
"""What an exercise says in another language, its titles of checks above all, by their English."""

ENGLISH: dict[str, str | Counted] = {
    # what every report begins with
    "nice_work": "Nice work!",
    "looks_good": "Looks good!",
    "passed_accuracy": "The training accuracy is {accuracy:.0%}; more than {threshold:.0%} was asked for.",
    "passed_test_accuracy": "The accuracy on the test data is {accuracy:.0%}; more than {threshold:.0%} was asked for.",
    "not_yet": "Not yet: one thing to change first.",
    "not_yet_but": Counted(
        "Not yet, but {right} of {checks} checks is right. One thing to change first:",
        "Not yet, but {right} of {checks} checks are right. One thing to change first:",
        by="right",
    ),
    "not_gradable": "No model could be graded yet.",
    "expected_actual": "Expected: {expected}. Got: {actual}.",
    "grader_broke": "The grader itself failed here. This is our fault, costs you no attempt, and the staff know.",
    "grader_unavailable": (
        "The grader could not finish this submission. This is our fault: it costs you no attempt, "
        "the staff know, and it can be graded again."
    ),
    "erased": "What was handed in here, and what was said of it, was erased on {on}. Verdict and score stay.",
    "unreadable_report": "This report cannot be read any more. Ask the staff to have the submission graded again.",
    # uploads
    "empty_file": "The file is empty. Did you save it before handing it in?",
    "not_utf8": (
        "The file is not UTF-8 text (byte {position}). Save it as UTF-8 and hand it in again, or let its first line say "
        "what it is, such as # -*- coding: cp1252 -*-"
    ),
    "not_as_declared": (
        "The file says that it is {encoding}, but byte {position} is not. Save it as UTF-8 and hand it in again."
    ),
    "encoding_not_taken": (
        "The file says that it is {encoding}, which is not read here. Save it as UTF-8 and hand it in again."
    ),
    "too_large": "The file has {size} bytes of code; at most {limit} are accepted.",
    "looks_binary": "This is a {kind}, not Python code. Hand in the .py file itself.",
    "notebook_unreadable": "This notebook cannot be read: the file is no complete notebook. Save it and send it again.",
    "notebook_too_large": "This notebook has {size} bytes; at most {limit} are taken. Clear its outputs and save it.",
    "notebook_sprawls": (
        "This notebook's outputs have too many values to read it. Clear its outputs, save it and hand it in again."
    ),
    "notebook_without_code": "This notebook has no code in it.",
    "notebook_other_language": "This notebook is written in {language}; only Python is graded.",
    "contains_nul": "The file contains characters that no Python text has. Save it again as UTF-8.",
    # a student's own notebook
    "notebook_advice": "This is advice: the real grade is made on the server, when you hand your work in.",
    "notebook_unknown": "There is no assignment {wanted!r}.",
    "notebook_unknown_nearest": "There is no assignment {wanted!r}; did you mean {nearest!r}?",
    "notebook_only_on_server": "{slug} is graded on the server only: hand your work in.",
    "notebook_unbuilt": "Your model has no input shape yet. Train it first, or say which exercise it is: assignment=…",
    "notebook_no_model": "run_grader takes a Keras model first; this is a {got}.",
    "notebook_fits_none": "This model fits no exercise. Say which one it is meant for: assignment=… Known: {known}.",
    "notebook_fits_several": "This model fits several exercises: {slugs}. Say which one you mean: assignment=…",
    "notebook_architecture_right": "The architecture is right.",
    "notebook_no_accuracy": (
        'There is no accuracy in the history: compile with metrics=["accuracy"] and hand over what fit returns.'
    ),
    "notebook_measured_on_server": "The accuracy on the test is measured on the server.",
    "notebook_submit_which": "Nothing was handed in: say for which exercise, assignment=…",
    "notebook_not_submitted": "Nothing was handed in: {detail}",
    "notebook_submitted": "Handed in for {slug}. Look at the feedback with: grader status {id} --wait",
    "notebook_no_code": "Nothing was handed in: there is neither a notebook nor a script to take the code from.",
    # code
    "syntax_error": "Python cannot read line {line}: “{detail}”.",
    "syntax_error_in_cell": "Python cannot read line {line} of cell {cell}: “{detail}”.",
    "code_line": "    {text}",
    "code_caret": "    {caret}",
    "no_such_function": "There is no function {wanted} in your file. Names found: {found}.",
    "no_such_function_nearest": (
        "There is no function {wanted} in your file. The nearest name is {nearest}: rename it? Names found: {found}."
    ),
    "no_names": "There is no function {wanted} in your file, nor any other function, class or model.",
    "not_filled_in": "{function} is not filled in yet: there is nothing in it but what the starter has.",
    "not_filled_in_name": "{function} is not filled in yet: it returns {name}, which no line of your file makes.",
    "not_a_function": "{wanted} is a {kind}, not a function.",
    "returned_nothing": "{function} returns nothing. Does it end with a line such as “return model”?",
    "wrong_return_type": "{function} returns a {got}; it should return a Keras model.",
    "exception_in_code": "Your code stopped with {error}: {text}",
    "look_at": "Look at {place}.",
    "exception_without_words": "Your code stopped with {error}.",
    "trace": "{trace}",
    "traced": "{place}: {text}",
    "in_function": "{place}, in {function}",
    "trace_again": "{line} (this {times} times and more)",
    # what most likely stands behind Python's own words
    "syntax_print": "print needs parentheses: print(…). The line was written for Python 2.",
    "syntax_comma": "A comma or an operator is missing between two things.",
    "syntax_closing": "A bracket is opened here and closed nowhere.",
    "syntax_bracket": "A closing bracket has no opening one of its kind.",
    "syntax_quote": "A text begins here and its closing quotation mark is missing.",
    "syntax_colon": "A colon is missing at the end of the line.",
    "syntax_block": "What belongs to the line with the colon must stand below it, moved to the right.",
    "syntax_tabs": "Tabs and spaces are mixed: move lines to the right with spaces only.",
    "syntax_indent": "The line begins too far to the right or to the left: put it below its neighbours.",
    "syntax_character": "There is a character that Python does not know, such as a comma or a bracket of another keyboard: type it again.",
    "syntax_equals": "One = gives a name to a value; two of them compare. On its left a name must stand.",
    "syntax_argument_order": "What has a name (name=…) comes last between the parentheses.",
    "syntax_argument_twice": "One name is given twice between the parentheses: leave one of them out.",
    "syntax_return": "A return stands outside of any function: move it to the right, into its function.",
    "syntax_number": "A name cannot begin with a digit, and a number has no letters in it.",
    "syntax_elsewhere": "Python gave up at the mark; the slip is often just before it, or at the end of the line above.",
    "python_batch_axis": "The input shape is that of one sample: leave out the number of samples at its beginning.",
    "python_flat": "{layer} works on pictures, and a row of numbers arrives there. It must stand before Flatten.",
    "python_axes": "What arrives at this layer has another number of axes than it takes. Look at the shapes in model.summary().",
    "python_rate": "A rate is a part of 1: write 0.5 for 50 %.",
    "python_calls_itself": "{function} calls itself and never comes to an end. Which other function did you mean to call?",
    "python_endless": "A function calls itself and never comes to an end. Which other function did you mean to call?",
    "python_zero": "Something is divided by zero there.",
    "python_index": "A place is asked for that the list, the shape or the array does not have. Python counts from 0.",
    "python_key": "The dictionary has no entry of that name.",
    "python_before": "A variable is used in the function before that function gives it a value.",
    "python_assert": "A condition that your own code checks with assert is not true.",
    "python_no_method": "A class lacks a method that must be there, under exactly this name: call(self, …).",
    "python_nothing": "A value is None there: look for a function without return, or a result that was never kept.",
    "python_not_layer": "Something that is no layer stands where a layer belongs.",
    "python_no_attribute": "A {of} has nothing called {name}.",
    "python_not_callable": "Parentheses stand behind a {kind}, which is no function. Is a comma missing, or a name used twice?",
    "python_text_number": "A text stands where a number is asked for: write the number without quotation marks.",
    "python_kinds": "Two values do not go together there: look at what kind each of them is.",
    "python_too_many": "{what} is called with more values than it takes.",
    "python_unknown_argument": "There is no option called {name} there.",
    "python_lacks": "{what} cannot do without {name}: write it between the parentheses.",
    "python_unpack": "The number of names on the left and the number of values on the right are not the same.",
    "python_shapes": "Shapes do not fit together there. Look at what comes out of each layer in model.summary().",
    "python_word": "Keras knows no such word: look at its spelling.",
    "python_number": "A text is no number there.",
    "python_type": "A value is of another kind than is asked for there.",
    "python_value": "A value is not one that is allowed there.",
    "python_import": "The import does not find what it names: look at the spelling, and at where it stands today.",
    "python_other": "The line below shows where: look at each value in it.",
    "helper_module": "There is no module {module}: only the file that you hand in is here.",
    "helper_module_here": "Put what you use of {module} into this file, and leave the import out.",
    "slip_name": "Did you mean {near}? There is nothing called {name} at this point.",
    "slip_import": "{name} is not imported. Put this line at the top of your file: {near}",
    "slip_compares": "Two equals signs compare, one gives a name: write {name} = … here.",
    "slip_no_name": "Nothing is called {name} at this point. Is it made somewhere, or spelled differently there?",
    "slip_attribute": "Did you mean {near}? A {of} has no {name}.",
    "slip_missing_argument": "{what} cannot do without {near}: write it between the parentheses of {what}(…).",
    "slip_option": "Did you mean {near}? {of} has no option {name}.",
    "slip_word": "Did you mean {near}? Keras knows no {of} called {name}.",
    "slip_too_small": (
        "By then the picture is smaller than the window that should slide over it. Look at the shapes in "
        "model.summary(), and use smaller windows or strides."
    ),
    "slip_channels_first": "Pictures come as {near} here, their colours last. Your input shape {what} has them first.",
    "slip_no_input": "The model does not know its input yet. Begin with keras.Input(…), with the shape of one picture.",
    "missing_module": "The module {module} is not available here; {available} are.",
    "missing_module_nearest": "There is no module {module}. Did you mean {nearest}?",
    "needs_arguments": "{function} is called as {function}(), and it cannot do without: {parameters}. Give that a default value, or leave it out.",
    "no_such_class": "There is no class {wanted} in your file. Classes found: {found}.",
    "no_such_class_nearest": (
        "There is no class {wanted} in your file. The nearest name is {nearest}: rename it? Classes found: {found}."
    ),
    "not_a_class": "{wanted} is a {kind}, not a class.",
    "wrong_base": "The class {kind} must be made from {wanted}: class {kind}({wanted}).",
    "no_super_init": "The __init__ of {kind} must call super().__init__(…) first.",
    "no_self": "The method {function} lacks self: write def {method}(self, {given}).",
    "call_returned_nothing": "The method call of {kind} returns nothing. Does it end with a return?",
    "returned_no_number": "{function} returns a {got}; it should return a tensor of numbers.",
    "returned_too_much": "Your code returns a tensor of shape {shape}; at most {limit:,} numbers are read.",
    "probe_case": "This happened with {case}.",
    "asks_input": "Your code asks for keyboard input. There is nobody to answer while grading: remove input().",
    "no_internet": "Your code tries to reach the internet. There is none while grading: remove the download.",
    "file_not_found": "Your code opens the file {name}, which is not here: only your code is handed in. Build the model without it.",
    "wrong_arguments": "{function} takes ({parameters}), but it is called as {function}({given}), or else as {function}().",
    "lacks_arguments": "{function} is called as {function}({given}), and then it still lacks: {lacks}. Give that a default value, such as {first}=1, or leave it out.",
    "class_in_place_of_function": "{wanted} is a class; a function is asked for. Write def {wanted}(…): and let it return a Keras model.",
    "image_format_set": "The image data format is set to channels_first ({place}); here the colours come last. Leave that line out.",
    "async_function": "{function} is an async function. Write a plain def.",
    "generator_function": "{function} is a generator, since it contains yield. Use return instead.",
    "undescribable": "The options of your layers hold something that is no plain value ({detail}).",
    "description_too_big": "The description of your model is too long. Use far fewer layers.",
    "ended_early": "Your code ended the program (exit or quit) before it returned a model. Remove that call.",
    "ended_early_status": "The program ended with exit status {status} before it returned a model.",
    "bad_claim": "Your code disturbed the description of your model, so no model came out.",
    "bad_training_literal": 'TRAINING must be written out as a dictionary, such as TRAINING = {{"epochs": 10}}.',
    "training_not_offered": "This exercise trains every model the same way; TRAINING cannot be set here.",
    "training_unknown_key": "TRAINING has the key {key}; only {known} can be set.",
    "training_out_of_bounds": "TRAINING sets {key} to {value}; it must be {wanted}.",
    # limits
    "time_limit_cpu": "Your code computed for more than {seconds:g} seconds. Is there a loop that never ends?",
    "time_limit_fit": (
        "The loop in line {line} calls fit. fit does not train while your code is read, so a loop that waits for what "
        "your network has learnt never ends. Hand in without that loop."
    ),
    "time_limit_tape": (
        "Line {line} belongs to a training loop of your own. The grader trains your network itself: hand in without it."
    ),
    "wrong_name": "There is no {name} in {module}. Did you mean {nearest}?",
    "wrong_argument": "{function} has no argument {name}. Did you mean {nearest}?",
    "old_name": "{old} is an old spelling that is gone. Today: {new}.",
    "time_limit_wall": "Your code did not finish within {seconds:g} seconds. Does it wait for something?",
    "limit_place": "This happened at {place}.",
    "memory_limit": "Your code used more than {mib} MiB of memory.",
    "process_limit": "Your code started more than {processes} processes or threads.",
    "output_limit": "Your code printed more than {kib} KiB. Is there a print inside a loop that never ends?",
    "disk_limit": "Your code wrote more than {mib} MiB to disk.",
    "unconfirmed_limit": "Your code stopped with an error about {what}.",
    "crashed": "The Python process crashed (signal {signal}) while it ran your code.",
    # models
    "refused_layer": "The layer {kind} cannot be graded here. {advice}",
    "unknown_layer": "The layer {kind} is not known here. Use layers from keras.layers.",
    "custom_layer": "{kind} is a layer of your own. Build the model from layers in keras.layers instead.",
    "custom_model": "{kind} is a model class of your own. Return a Sequential or a functional Model instead.",
    "refused_option": "The layer {layer} ({kind}) sets {option} to {value}. {wanted}",
    "custom_function": "The layer {layer} uses a function of your own for {option}. Use one of Keras's by its name.",
    "refused_operation": "The model uses the operation {kind} between its layers. Use a layer from keras.layers.",
    "refused_call": "The layer {layer} is called with {argument}=…; call it with its input alone.",
    "open_input_shape": "The input shape {shape} leaves a size open. Write every size down.",
    "too_much_work": (
        "The model needs {operations:,} multiplications for one picture, most of them in {layer}; "
        "at most {limit:,} are graded."
    ),
    "too_many_operations": (  # as reports before 2026-11-21 have it
        "The model needs {operations:,} multiplications for one picture; at most {limit:,} are graded."
    ),
    "what_would_fit": (
        "One picture takes as long as {own:,} of them; at most about {fitting:,} fit. Take fewer filters or units, "
        "or let pictures become smaller earlier, by pooling or strides."
    ),
    "fewer_epochs_fit": ('Or keep the network and train it less: TRAINING = {{"epochs": {epochs}}} fits.'),
    "too_long_training": (
        "Training would take as long as {operations:,} multiplications of a convolution; at most {limit:,} are done. "
        "Most of that is {layer}."
    ),
    "refused_dtype": "The layer {layer} computes in {dtype}; only float32 is graded.",
    "many_outputs": "The layer {layer} gives several results; only layers with one result can be graded.",
    "layer_inside": (
        "The layer {layer} has a {kind}() as its activation, which works inside it. Name an activation function instead, "
        "such as 'relu'."
    ),
    "not_connected": "The model has no layers, or its output does not come from its input.",
    "unbuilt": "The model could not be built with the input shape {shape}: {text}",
    "wrong_inputs": "The layer {layer} ({kind}) gets {got} inputs; it takes {wanted}.",
    "bad_shape": "The layer {layer} ({kind}) cannot take the shape {shape}. {wanted}",
    "too_many_layers": "The model has {layers} layers; at most {limit} are graded.",
    "too_many_params": "The model has {params:,} parameters, {layer} alone {in_layer:,}; at most {limit:,} are graded.",
    "too_large_activations": "The layer {layer} gives {size:,} numbers per picture; at most {limit:,} are graded.",
    "too_many_activations": (
        "The layers give {size:,} numbers per picture, {layer} alone {in_layer:,}; at most {limit:,} are graded."
    ),
    "too_much_memory": (
        "Training would take about {gib:.1f} GiB of memory with {batch_size} pictures at a time; at most "
        "{limit:.1f} GiB are there. Most of it is for {layer}: make it smaller."
    ),
    "too_deep": "Models are nested more than {limit} deep.",
    # checks
    "wrong_input_shape": "The model takes a different input shape.",
    "colours_first": "Your model takes pictures with their colours first; here the colours come last.",
    "hint_channels_first": 'Some layers ask for that order, too: leave data_format="channels_first" out everywhere.',
    "hint_row": "Here each picture comes as one row of {count} numbers: write input_shape=({count},), and leave Flatten out.",
    "hint_picture": "Here a picture comes as it is, and not as one row of numbers: write input_shape={shape}.",
    "hint_stopped": "What these lines were to do is missing, for they stopped: {places}. {why}",
    "hint_no_permute": "Then nothing needs to be turned: leave Permute out, too.",
    "about_function": "This is about {function}.",
    "wrong_output_shape": "The model gives a different output shape.",
    "wrong_order_missing": "A layer is missing: {expected} should come after {after}.",
    "wrong_order_missing_first": "A layer is missing: the model should begin with {expected}.",
    "wrong_order_extra": "There is a layer too many: {actual} after {after}.",
    "wrong_order_extra_first": "There is a layer too many: {actual} at the beginning.",
    "wrong_order_other": "After {after} comes a different layer than was asked for.",
    "wrong_order_other_first": "The model begins with a different layer than was asked for.",
    "wrong_order_swapped": "Two layers stand in the wrong order: {first} should come before {second}.",
    "wrong_order_moved": "One layer stands in another place than was asked for: {layer} should come after {after}.",
    "wrong_order_moved_first": "One layer stands in another place than was asked for: the model should begin with {layer}.",
    "layer_does_nothing": "The layer {layer} is there, but with these settings it does nothing.",
    "wrong_inputs_of": "The layers are the asked ones, but {layer} gets its numbers from other layers.",
    "wrong_sharing": "One layer used twice is something else than two layers of the same kind: look at {layer}.",
    "other_outputs": "The layers are the asked ones, but the model gives what other layers compute.",
    "diff_missing": "missing",
    "diff_extra": "too many",
    "diff_changed": "another layer",
    "diff_changed_option": "different: {option}",
    "diff_silent": "does nothing",
    "diff_swapped": "swapped",
    "diff_moved": "in another place",
    "diff_joined": "gets other numbers",
    "diff_shared": "used again, or not",
    "wrong_setting": "The layer {layer} has a different setting: {option}.",
    "wrong_setting_nth": "The {nth} {layer} has a different setting: {option}.",
    "not_a_chain": "The layers should follow each other in one chain; here the model branches.",
    "wrong_last_activation": "The last activation is a different one.",
    "wrong_params": "The model has a different number of parameters.",
    "accuracy_too_low": Counted(
        "After {epochs} epoch the training accuracy is {accuracy:.1%}; it should be above {threshold:.0%}.",
        "After {epochs} epochs the training accuracy is {accuracy:.1%}; it should be above {threshold:.0%}.",
        by="epochs",
    ),
    "test_accuracy_too_low": "The accuracy on the test data is {accuracy:.1%}; it should be above {threshold:.0%}.",
    "runs_borderline": (
        "The first accuracy was close to {threshold:.0%}, where chance decides. So your network was trained {runs} times, "
        "from fixed starting numbers: {each}. Their median counts: {median:.1%}."
    ),
    "runs_learnt": (
        "Your network knows its training pictures, and the first accuracy on the test was below {threshold:.0%} all the same. So it was "
        "trained {runs} times, from fixed starting numbers: {each}. Their median counts: {median:.1%}."
    ),
    "runs_median": (
        "Your network was trained {runs} times, from fixed starting numbers: {each}. "
        "Their median counts: {median:.1%}."
    ),
    "not_logits": "The last layer should give logits: plain numbers, one for each class.",
    "hint_logits": "This exercise's loss has from_logits=True: it takes the softmax itself.",
    "hint_softmax": "A softmax turns the last layer's numbers into one probability per class.",
    "hint_sigmoid": "A sigmoid turns the last layer's number into the probability of a yes.",
    "wrong_input_name": "The input has a different name.",
    "wrong_layer_names": "The layers have different names.",
    "wrong_model_name": "The model has a different name.",
    "already_built": "This model is already built: it knows its input shape and has its weights.",
    "hint_not_built": "Leave out the Input layer and input_shape, and do not call or build the model before you return it.",
    "wrong_shape_after": "{kind} number {number} gives a different shape.",
    "wrong_layer_params": "{kind} number {number} has a different number of parameters.",
    "too_few_of_a_kind": Counted(
        "The model has {found} layer of the kind {kind}; it should have at least {wanted}.",
        "The model has {found} layers of the kind {kind}; it should have at least {wanted}.",
        by="found",
    ),
    "missing_output": "The output of the layer {layer} is not among the model's outputs.",
    "hint_every_output": "Write outputs=[layer.output for layer in base.layers].",
    "outputs_in_disorder": "The outputs should be those of every layer, once, in the order of the layers.",
    "not_compiled": "The model was not compiled.",
    "hint_compile": "Call model.compile(optimizer=…, loss=…, metrics=[…]) before you return the model.",
    "wrong_optimizer": "The model was compiled with a different optimizer.",
    "wrong_optimizer_option": "The optimizer has a different setting: {option}.",
    "wrong_loss": "The model was compiled with a different loss.",
    "wrong_loss_option": "The loss has a different setting: {option}.",
    "metric_gives": "Your metric {metric} does not return a tensor.",
    "missing_metric": "One of the metrics that were asked for is missing.",
    "hint_accuracy_class": (
        "keras.metrics.Accuracy() counts numbers that are exactly equal, which probabilities never are: the word "
        '"accuracy" means something else.'
    ),
    "wrong_value": "{what} gives another number than was asked for ({case}).",
    "not_per_sample": (
        "{what} should give one number for all samples, or one for each; but the samples' axis is gone ({case}). "
        "Take the mean over the last axis, or over all."
    ),
    "wrong_gradient": "The gradient of {what} is a different one ({case}).",
    "no_gradient": "No gradient comes out of {what}, so nothing could be learnt ({case}).",
    "hint_tf_operations": (
        "Compute with tf or keras.ops operations only: numpy, float() and .numpy() cut the gradient off."
    ),
    "not_in_graph": "{what} works when it is called directly, but not inside tf.function, where fit runs it: {error}: {text}",
    "not_in_graph_line": (
        "{what} works when it is called directly, but not inside tf.function, where fit runs it. "
        "Line {line} stops with {error}: {text}"
    ),
    "other_in_graph": "{what} gives another number inside tf.function than when it is called directly ({case}).",
    "hint_graph": (
        "Inside tf.function tensors have no numbers yet: no .numpy(), float(), if or numpy function works on them. "
        "Use tf or keras.ops operations."
    ),
    "no_added_loss": "{what} adds no loss ({case}).",
    "hint_add_loss": "Call self.add_loss(…) inside the method call.",
    "wrong_added_loss": "{what} adds a different loss ({case}).",
    "no_layer_metric": "{what} has no metric of the name that was asked for ({case}).",
    "hint_layer_metric": (
        "Make a keras.metrics.Mean(name=…) in __init__ and call its update_state(…) inside the method call."
    ),
    "wrong_layer_metric": "The metric of {what} says a different number ({case}).",
    "hint_slip": "These are the numbers one gets with this slip: {slip}.",
    "channels_first": "The layer {layer} expects the colours first; these pictures have them last.",
    "frozen_layer": "The layer {layer} has trainable=False, so it cannot learn.",
    "hint_unfreeze": "Remove trainable=False: every layer of this exercise is trained.",
    "hint_trained_by_us": Counted(
        "The grader trains every model from new weights for {epochs} epoch. If the layers are as asked, look "
        "at what their weights start from: kernel_initializer and bias_initializer.",
        "The grader trains every model from new weights for {epochs} epochs. If the layers are as asked, look "
        "at what their weights start from: kernel_initializer and bias_initializer.",
        by="epochs",
    ),
    "check_broke": "The check {check} stopped with {error}. This is not your fault.",
    "hint_runs_disagree": (
        "Your network gets there with some starting numbers and not with others. More steps make it surer: smaller batches, or more "
        "epochs where you chose few."
    ),
    "hint_more_epochs": "Try another architecture, another optimizer or more epochs.",
    # what to do next, by the rules of grader/domain/diagnosis.py
    "why_and_what": "{why} {what}",
    "diagnosis_softmax_of_one": "A softmax over one single number always gives 1, whatever goes in.",
    "remedy_softmax_of_one": "For a yes-or-no answer give the last layer a sigmoid.",
    "diagnosis_sigmoid_for_classes": (
        "Sigmoids answer {classes} separate yes-or-no questions. With {classes} classes the numbers should add up to 1, "
        "as those of a softmax do."
    ),
    "remedy_sigmoid_for_classes": "End in a softmax.",
    "diagnosis_relu_at_the_end": (
        "The network ends in a ReLU, which turns every number below zero into 0, and from 0 nothing is learnt."
    ),
    "remedy_relu_at_the_end": "Take the activation that fits the answer: softmax for classes, sigmoid for yes or no.",
    "diagnosis_equal_start": (
        "All weights of {layer} start with the same value, so all its units stay alike."
    ),
    "remedy_equal_start": "Leave kernel_initializer out of {layer}.",
    "diagnosis_shut_units": (
        "The bias of {layer} starts at {bias:g}, so its units give the same number for every picture and never learn."
    ),
    "remedy_shut_units": "Leave bias_initializer out of {layer}.",
    "diagnosis_dense_on_a_picture": "A whole picture goes into {layer}, which sees one pixel of it at a time.",
    "remedy_dense_on_a_picture": "Put Flatten() in front of {layer}.",
    "diagnosis_nothing_between": (
        "Between {first} and {second} there is no activation: two such layers in a row can do no more than one."
    ),
    "remedy_nothing_between": 'Give {first} activation="relu".',
    "diagnosis_softmax_inside": (
        "A softmax stands in the middle of the network: its numbers add up to 1, so hardly anything of them is left."
    ),
    "remedy_softmax_inside": "Use ReLU there, and softmax at the end only.",
    "diagnosis_normalized_axis": (
        "BatchNormalization should work on the colours or filters, which are the last axis here."
    ),
    "remedy_normalized_axis": "Leave axis out of BatchNormalization.",
    "diagnosis_much_dropout": "Dropout({rate:g}) leaves only {left:.0%} of the numbers while the network learns.",
    "remedy_much_dropout": "Try Dropout(0.5) or less.",
    "diagnosis_not_a_number": "In epoch {epoch} the loss was no number any more: the steps were too large.",
    "remedy_not_a_number": "Try a smaller learning rate, or another optimizer.",
    "diagnosis_never_moves": "The loss stayed the same in all {epochs} epochs: nothing was learnt.",
    "remedy_never_moves": "Look at the activations and at what the weights start with.",
    "diagnosis_overfitting": (
        "After epoch {epoch} the validation loss rises while the training loss falls: the network learns the training "
        "pictures by heart."
    ),
    "remedy_overfitting": "Train for fewer epochs, or add Dropout.",
    "diagnosis_mostly_one_dense": (
        "Of the {all:,} parameters {params:,} are in {layer} alone: it sees the picture at its full size."
    ),
    "remedy_mostly_one_dense": "Put pooling in front of Flatten, or make {layer} smaller.",
    # notes
    "note_averages": Counted(
        "Keras's moving averages had not settled after {steps} step: your own evaluate would say {own:.0%}. More steps, "
        "smaller batches or momentum=0.9 in BatchNormalization bring it to what is told here.",
        "Keras's moving averages had not settled after {steps} steps: your own evaluate would say {own:.0%}. More steps, "
        "smaller batches or momentum=0.9 in BatchNormalization bring it to what is told here.",
        by="steps",
    ),
    "note_fewer_epochs": (
        "Your network is large: all {planned} epochs would need more multiplications than are done, so it was trained for "
        "at most {epochs}."
    ),
    "note_built_for_you": "The model had no input shape; it was built with {shape}. Write it down with keras.Input.",
    "note_output_truncated": "Your code printed a lot; only the first {kib} KiB are kept.",
    "note_other_name": "The model was taken from {used}, since there is no function {wanted}.",
    "note_dropout_zero": "The layer {layer} has Dropout rate 0, which does nothing.",
    "note_degraded_sandbox": "The sandbox ran without: {missing}.",
    "note_old_spelling": "Old spelling: {old}. It works here; today: {new}.",
    "note_strides_not_kernel": (
        "{kind}({filters}, {kernel}, {strides}) means a kernel of {kernel} and strides of {strides}. "
        "For a kernel of {kernel} × {strides} write {kind}({filters}, ({kernel}, {strides}))."
    ),
    "note_invented_data": "{name} is not read here: numbers of the same shape stand in while your code runs.",
    "note_not_trained_here": (
        "fit and evaluate do not train here: the grader trains your network itself. "
        "These figures are invented; whatever your code chooses by them is arbitrary."
    ),
    "note_stopped": "Stopped here: {places}. What does not depend on that was graded. The reason for the first: {why}",
    "note_cut_off": "Cut off here: {place}. What stood before it was graded. {why}",
    "note_name_moved_on": "At the end {name} stands for something else. What it stood for since {place} was graded.",
    "note_of_several": "This notebook answers more than once: {name} of cell {cell} was graded.",
    "note_no_accelerator": "There is no GPU or TPU here: lines that need one stop, and nothing else does.",
    "note_magics_dropped": "Notebook commands such as “{first}” are left out when your code runs here.",
    "note_fit_epochs": Counted(
        "You train for {got} epoch; the exercise asks for {wanted}. This costs nothing.",
        "You train for {got} epochs; the exercise asks for {wanted}. This costs nothing.",
        by="got",
    ),
    "note_fit_epochs_choice": Counted(
        'You train for {got} epoch; the grader trains for {wanted}. To change that, write TRAINING = {{"epochs": {got}}} '
        "at the top of your file.",
        'You train for {got} epochs; the grader trains for {wanted}. To change that, write TRAINING = {{"epochs": {got}}} '
        "at the top of your file.",
        by="got",
    ),
    # accounts and courses
    "account_taken": "There is an account for {address} already.",
    "too_many_attempts": "Too many attempts. Wait a quarter of an hour, then try again.",
    "password_length": "A password has {shortest} to {longest} characters.",
    "no_address": "{text!r} is no e-mail address.",
    "no_course_name": "{slug!r} is no course name: small letters, digits and hyphens, for instance keras-2026.",
    "long_title": "A title has {most} characters at most.",
    "course_taken": "There is a course {slug} already.",
    "no_such_code": "No course has that code.",
    "roster_twice": "{email} is on line {line} already.",
    "roster_role": "{word!r} is no role: {roles}.",
    "too_many_waiting": Counted(
        "You have {most} submission waiting in line, which is as many as one person may have. Nothing is lost: "
        "hand this one in again as soon as it is graded.",
        "You have {most} submissions waiting in line, which is as many as one person may have. Nothing is lost: "
        "hand this one in again as soon as one of them is graded.",
        by="most",
    ),
    # on a terminal, around the feedback
    "verdict_passed": "passed",
    "verdict_failed": "failed",
    "verdict_invalid": "invalid",
    "verdict_grader_error": "grader error",
    "cli_away": "The server is away; trying again until it is back. Nothing that it has taken is lost.",
    "cli_comparison": "Your layers beside the asked ones",
    "cli_line": "Line",
    "cli_asked": "Asked",
    "cli_yours": "Yours",
    "cli_from": "from {sources}",
    "cli_same_shape": "The shape there is {shape}.",
    "cli_other_shape": "The shape there should be {asked}; it is {given}.",
    "cli_from_teachers": "From your teachers: {text}",
    "cli_score": "{verdict} · {score:g} of {max_score:g} points",
    "cli_no_score": "{verdict} · no score",
    "cli_note": "Note: {text}",
    "cli_hidden_check": "a hidden check",
    "cli_layer": "Layer",
    "cli_output_shape": "Output shape",
    "cli_parameters": "Parameters",
    "cli_all_parameters": "{params:,} parameters",
    "cli_was_a_try": "This was a try on your own machine. Hand the file in to get your grade.",
    "cli_handed_in": "Handed in.",
    "cli_look_with": "Handed in. Look at it with: grader status {id}",
    "cli_in_line": "Waiting in line, place {position}",
    "cli_extract": "The grader is building your model",
    "cli_check": "The grader is checking it",
    "cli_train": "The grader is training it",
    "cli_score_stage": "The grader is scoring it",
    "cli_at_work": "The grader is at work",
    "cli_stopped": "Grading has stopped since {since}. Your submission is kept, and graded as soon as it goes on.",
    "waits_for_version": "Your submission is kept and waits for a grader that has its version of this exercise. You need do nothing.",
    "waits_for_data": "Your submission is kept and waits for a grader that has this exercise's data. You need do nothing.",
    "waits_for_sandbox": "Your submission is kept and waits for a grader that can run it safely. You need do nothing.",
    "cli_to_go": "{stage}, about {seconds} s to go",
    "note_fit_batch_size": "You train in batches of {got}; the exercise takes batches of {wanted}. This costs nothing.",
    "note_fit_split": "You keep {got:.0%} for validation; the exercise asks for {wanted:.0%}. This costs nothing.",
    "note_fit_optimizer": "You compile with the optimizer {got}; the exercise trains with {wanted}. This costs nothing.",
    "note_fit_loss": "You compile with the loss {got}; the exercise trains with {wanted}. This costs nothing.",
}

WORDS = ENGLISH | PHRASES

SAY_WHERE = frozenset(
    {"at_line", "at_cell_line", "in_function", "limit_place", "look_at", "syntax_error", "syntax_error_in_cell", "trace",
     "trace_again", "traced"}
)  # fmt: skip
"""Messages that say where to look: whoever shows one need not say it again."""


class Told(Exception):
    """Something that a person can put right; `message` says what, `str()` says it in English."""

    def __init__(self, told: Message) -> None:
        super().__init__(told)
        self.message = told

    def __str__(self) -> str:
        """In English, as on an operator's terminal."""
        return render(self.message)


def render(told: Message, language: str = LANGUAGES[0], words: Mapping[str, str] = NO_WORDS) -> str:
    """The sentence for one message; KeyError for a code without words. `words` are those of the exercise."""
    english, known = WORDS[told.code], catalogue(language)
    if isinstance(english, Counted):
        count = told.params[english.by]
        template = known.npgettext(
            told.code, english.one, english.many, count if isinstance(count, int) else 2
        )
    else:
        template = known.pgettext(told.code, english)
    return template.format(**{name: _shown(value, language, words) for name, value in told.params.items()})


def notation(
    value: str | Message | None, language: str = LANGUAGES[0], words: Mapping[str, str] = NO_WORDS
) -> str | None:
    """What was expected or came, as it is shown: a notation as it is, a phrase in words."""
    return render(value, language, words) if isinstance(value, Message) else value


def render_lines(
    messages: Iterable[Message], language: str = LANGUAGES[0], words: Mapping[str, str] = NO_WORDS
) -> str:
    """Several messages, one a line."""
    return "\n".join(render(each, language, words) for each in messages)


def render_report(
    report: Report, language: str = LANGUAGES[0], words: Mapping[str, str] = NO_WORDS
) -> dict[str, Any]:
    """The public JSON of a report: the stored codes beside their words in `language`."""
    public: dict[str, Any] = {"format": 1} | wire.to_json(report)
    public["language"] = language
    public["feedback"] = render_lines(report.feedback, language, words)
    public["feedback_messages"] = wire.to_json(report.feedback)
    public["checks"] = [_render_check(check, language, words) for check in report.checks]
    public["parts"] = [_render_part(part, language) for part in report.parts]
    public["notes"] = [render(note, language, words) for note in report.notes]
    public["note_messages"] = wire.to_json(report.notes)
    return public


def first_line(report: Report, language: str = LANGUAGES[0]) -> str:
    """What a list shows of a report: praise, or the first line that says what is wrong."""
    lines = [render(told, language).splitlines()[0] for told in report.feedback[:2]]
    return " ".join(lines) if report.verdict is Verdict.PASSED else lines[-1]


class _Phrase(str):
    """Words where a sentence has a number: how a number would be written does not concern them."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        """The words as they are."""
        return str(self)


def _shown(value: Param, language: str, words: Mapping[str, str]) -> Any:
    if isinstance(value, Message):
        return _Phrase(render(value, language, words))
    return words.get(value, value) if isinstance(value, str) else value


def _render_check(check: CheckResult, language: str, words: Mapping[str, str]) -> dict[str, Any]:
    public: dict[str, Any] = wire.to_json(check)
    public["title"] = words.get(check.title, check.title)
    for name in ("message", "hint"):
        stored: Message | None = getattr(check, name)
        public[name] = None if stored is None else render(stored, language, words)
        public[f"{name}_code"] = None if stored is None else stored.code
        public[f"{name}_params"] = None if stored is None else wire.to_json(stored.params)
    for name in ("expected", "actual"):
        public[name] = notation(getattr(check, name), language, words)
    return public


def _render_part(part: PartReport, language: str) -> dict[str, Any]:
    public: dict[str, Any] = wire.to_json(part)
    for line, written in zip(part.diff or (), public["diff"] or (), strict=True):
        written["message"] = None if line.told is None else render(line.told, language)
        written["message_code"] = None if line.told is None else line.told.code
    if public["training"] is not None:
        del public["training"]["seconds"]
        told = part.told_of_runs
        public["training"]["message"] = None if told is None else render(told, language)
        public["training"]["message_code"] = None if told is None else told.code
    return public
